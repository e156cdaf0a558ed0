import { needs, runPython } from "../src/testing/needs.ts";
import type { Sample } from "./measure.ts";
import { THREADS } from "./pytorch.ts";

const PROGRAM = `
import json, sys, time, torch, torchvision
torch.manual_seed(0)
network = torchvision.models.resnet101(weights=None, replace_stride_with_dilation=[True, True, False])
images = torch.rand(2, 3, 257, 257)

def times(body):
    clock, processor = time.perf_counter(), time.process_time()
    body()
    return {"clock": (time.perf_counter() - clock) * 1000, "processor": (time.process_time() - processor) * 1000}

def step():
    network.zero_grad()
    network(images).sum().backward()

def samples(body):
    torch.set_num_threads(threads[-1])
    body()
    found = []
    for count in threads:
        torch.set_num_threads(count)
        found.append(times(body))
    return found

threads, what = json.loads(sys.argv[1]), sys.argv[2]
if what == "training":
    network.train()
    found = samples(step)
else:
    network.eval()
    with torch.no_grad(): found = samples(lambda: network(images))
print(json.dumps(found))
`;

/**
 * What PyTorch takes on the CPU, with each of {@link THREADS}, for a ResNet-101 of the same dilation on two images of 257 × 257,
 * which is 97 % of the network's arithmetic; nothing where it is not installed.
 *
 * @param what forward, or forward and backward
 */
export async function pytorchResnet(what: "evaluation" | "training"): Promise<Sample[]> {
  if (!needs("python3-torchvision").found) return [];
  const env = { OMP_WAIT_POLICY: "passive" }; // threads that wait otherwise burn the processor's time
  return JSON.parse(await runPython(PROGRAM, [JSON.stringify(THREADS), what], env));
}
