import { listNnunet } from "../src/datasets/nnunet.ts";
import { ownData } from "./common/own_data.ts";

/** A user's own volumes and labels in nnU-Net's raw layout. */
export default ownData({ name: "custom", about: "your own data set in nnU-Net's raw layout", list: listNnunet });
