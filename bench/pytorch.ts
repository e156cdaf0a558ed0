import { DEBIAN_PYTHON, needs } from "../src/testing/needs.ts";
import type { Sample, Sampler } from "./measure.ts";

/** An operator as PyTorch knows it; shapes in its own layout. */
export type PytorchCase =
  | { kind: "convolution"; a: number[]; b: number[]; stride: number; padding: number; dilation: number }
  | { kind: "matmul"; a: number[]; b: number[]; transposeB: boolean }
  | { kind: "add" | "batchNorm"; a: number[]; b: number[] };

/** Numbers of threads that PyTorch is given; for each work the faster one counts. */
export const THREADS = [1, 2] as const;

const PROGRAM = `
import json, sys, time, torch
case = json.loads(sys.argv[1])
def filled(shape):
    return torch.sin(torch.arange(torch.Size(shape).numel(), dtype=torch.float64)).float().reshape(shape)
def image(shape): # from channels-last, with as many channels as make whole fours, of which the first ones count
    n, c, h, w = shape
    return filled([n, h, w, (c + 3) // 4 * 4])[..., :c].permute(0, 3, 1, 2).contiguous()
b = filled(case["b"])
if case["kind"] == "convolution":
    a = image(case["a"])
    operator = lambda a, b: torch.nn.functional.conv2d(a, b, None, case["stride"], case["padding"], case["dilation"])
elif case["kind"] == "add":
    a = filled(case["a"])
    operator = lambda a, b: a + b
elif case["kind"] == "batchNorm":
    a, bias, mean, variance = image(case["a"]), filled(case["b"]), filled(case["b"]), filled(case["b"])
    operator = lambda a, b: torch.relu(torch.nn.functional.batch_norm(a, mean, variance, b, bias, True))
else:
    a = filled(case["a"])
    operator = lambda a, b: torch.matmul(a, b.transpose(1, 2) if case["transposeB"] else b)

def forward():
    with torch.no_grad(): return operator(a, b)

def backward(which):
    inputs = [tensor.detach().requires_grad_(i == which) for i, tensor in enumerate([a, b])]
    output = operator(*inputs)
    seed = torch.ones_like(output)
    return lambda: torch.autograd.grad(output, inputs[which], seed, retain_graph=True)

def times(body, count):
    clock, processor = time.perf_counter(), time.process_time()
    for _ in range(count): body()
    return [(time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000]

y = forward()
if y.dim() == 4 and case["kind"] != "add": y = y.permute(0, 2, 3, 1)
print(json.dumps(y.reshape(-1)[::max(1, y.numel() // 1000)].tolist()), flush=True)
bodies, counts = [forward, backward(0), backward(1)], {}
for line in sys.stdin:
    which, threads = map(int, line.split())
    torch.set_num_threads(threads)
    if (which, threads) not in counts:
        bodies[which]()
        count = 1
        while times(bodies[which], count)[1] < 40: count *= 2
        counts[which, threads] = count
    count = counts[which, threads]
    print(json.dumps([one / count for one in times(bodies[which], count)]), flush=True)
`;

/** PyTorch on the CPU, ready to compute an operator and both its gradients whenever asked. */
export class PytorchPeer implements Disposable {
  /** Every n-th value of the forward result, a thousand or so, channels-last. */
  readonly values: readonly number[];
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  private constructor(child: Deno.ChildProcess, lines: AsyncGenerator<string>, values: readonly number[]) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = lines;
    this.values = values;
  }

  /** Starts it; `undefined` where PyTorch is not installed. */
  static async start(test: PytorchCase): Promise<PytorchPeer | undefined> {
    if (!needs("python3-torch").found) return undefined;
    const child = new Deno.Command(DEBIAN_PYTHON, {
      args: ["-c", PROGRAM, JSON.stringify(test)],
      // threads that wait for others otherwise burn the processor's time
      env: { OMP_WAIT_POLICY: "passive" },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const lines = linesOf(child.stdout);
    return new PytorchPeer(child, lines, JSON.parse(await next(lines)));
  }

  /**
   * What times a pass.
   *
   * @param pass 0: forward; 1 and 2: gradient of the first and of the second input, without forward
   */
  sampler(pass: number, threads: number): Sampler {
    return async (): Promise<Sample> => {
      await this.#writer.write(new TextEncoder().encode(`${pass} ${threads}\n`));
      const [clock, processor] = JSON.parse(await next(this.#lines));
      return { clock, processor };
    };
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

async function next(lines: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error("PyTorch ended before it had answered");
  return value;
}
