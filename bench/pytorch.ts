import { needs, runPython } from "../src/testing/needs.ts";

/** An operator as PyTorch knows it; shapes in its own layout. */
export type PytorchCase =
  | { kind: "convolution"; a: number[]; b: number[]; stride: number; padding: number; dilation: number }
  | { kind: "matmul"; a: number[]; b: number[]; transposeB: boolean }
  | { kind: "add" | "batchNorm"; a: number[]; b: number[] };

const PROGRAM = `
import json, statistics, sys, time, torch
case = json.loads(sys.argv[1])
a, b = torch.rand(case["a"]), torch.rand(case["b"])
if case["kind"] == "convolution":
    operator = lambda: torch.nn.functional.conv2d(a, b, None, case["stride"], case["padding"], case["dilation"])
elif case["kind"] == "add":
    operator = lambda: a + b
elif case["kind"] == "batchNorm":
    bias, mean, variance = (torch.rand(case["b"]) for _ in range(3))
    operator = lambda: torch.relu(torch.nn.functional.batch_norm(a, mean, variance, b, bias, True))
else:
    operator = lambda: torch.matmul(a, b.transpose(1, 2) if case["transposeB"] else b)

def ms(body):
    body()
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count): body()
        if time.perf_counter() - start > 0.04: break
        count *= 2
    samples = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(count): body()
        samples.append((time.perf_counter() - start) / count * 1000)
    return statistics.median(samples)

def backward(tensor):
    a.requires_grad_(tensor is a)
    b.requires_grad_(tensor is b)
    output = operator()
    seed = torch.ones_like(output)
    return lambda: torch.autograd.grad(output, tensor, seed, retain_graph=True)

with torch.no_grad():
    forward = ms(operator)
print(json.dumps([forward, ms(backward(a)), ms(backward(b))]))
`;

/** Medians in ms of forward and of both gradients with PyTorch on the CPU; `undefined` where it is not installed. */
export async function pytorchTimes(test: PytorchCase): Promise<number[] | undefined> {
  if (!needs("python3-torch").found) return undefined;
  return JSON.parse(await runPython(PROGRAM, [JSON.stringify(test)]));
}
