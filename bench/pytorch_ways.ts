import { gpu } from "../src/gpu/mod.ts";
import { DEBIAN_PYTHON } from "../src/testing/needs.ts";

/** One way in which PyTorch computes. */
export interface PytorchWay {
  /** The peer's name. */
  name: string;
  /** Where. */
  device: "cpu" | "cuda";
  /** On the CPU. */
  threads?: number;
  /** On a GPU: whether factors may be rounded to 10 bits, as ours never are. */
  tf32?: boolean;
}

/** The faster of them counts. */
const ON_CPU: readonly PytorchWay[] = [1, 2].map((threads) => ({
  ...{ name: `PyTorch CPU, ${threads} thread${threads > 1 ? "s" : ""}` },
  ...{ device: "cpu", threads },
}));

const ON_GPU: readonly PytorchWay[] = [
  { name: "PyTorch CUDA, fp32", device: "cuda", tf32: false },
  { name: "PyTorch CUDA, TF32", device: "cuda", tf32: true },
];

/** A Python that has PyTorch. */
export interface PytorchHere {
  /** The program. */
  python: string;
  /** Ways to be timed: on the GPU where we compute on one and it can, else on the CPU. */
  ways: readonly PytorchWay[];
}

/** Debian's PyTorch, or that of the first Python on `PATH`; `undefined` where there is none. */
export async function pytorchHere(): Promise<PytorchHere | undefined> {
  for (const python of [DEBIAN_PYTHON, "python3"]) {
    const args = ["-c", "import torch; print(torch.cuda.is_available())"];
    const found = await new Deno.Command(python, { args, stderr: "null" }).output().catch(() => undefined);
    if (!found?.success) continue;
    const cuda = new TextDecoder().decode(found.stdout).trim() === "True";
    return { python, ways: cuda && gpu().adapterKernels === "gpu" ? ON_GPU : ON_CPU };
  }
  return undefined;
}
