import { LineProcess } from "./line_process.ts";
import { type Sampler, SHORT_MS } from "./measure.ts";
import { pytorchHere, type PytorchWay } from "./pytorch_ways.ts";

/** An operator as PyTorch knows it; shapes in its own layout. */
export type PytorchCase =
  | { kind: "convolution"; a: number[]; b: number[]; stride: number; padding: number; dilation: number }
  | { kind: "matmul"; a: number[]; b: number[]; transposeA: boolean; transposeB: boolean }
  | { kind: "add" | "batchNorm"; a: number[]; b: number[] };

const PROGRAM = `
import json, sys, time, torch
def filled(shape):
    return torch.sin(torch.arange(torch.Size(shape).numel(), dtype=torch.float64)).float().reshape(shape)
def image(shape): # from channels-last, with as many channels as make whole fours, of which the first ones count
    n, c, h, w = shape
    return filled([n, h, w, (c + 3) // 4 * 4])[..., :c].permute(0, 3, 1, 2).contiguous()

def operands(case):
    b = filled(case["b"])
    if case["kind"] == "convolution":
        how = [None, case["stride"], case["padding"], case["dilation"]]
        return image(case["a"]), b, lambda a, b: torch.nn.functional.conv2d(a, b, *how)
    if case["kind"] == "add":
        return filled(case["a"]), b, lambda a, b: a + b
    if case["kind"] == "batchNorm":
        bias, mean, variance = filled(case["b"]), filled(case["b"]), filled(case["b"])
        return image(case["a"]), b, lambda a, b: torch.relu(
            torch.nn.functional.batch_norm(a, mean, variance, b, bias, True))
    turned = lambda x, which: x.transpose(1, 2) if case[which] else x
    return filled(case["a"]), b, lambda a, b: torch.matmul(turned(a, "transposeA"), turned(b, "transposeB"))

def bodies(a, b, operator):
    def forward():
        with torch.no_grad(): return operator(a, b)
    def backward(which):
        inputs = [tensor.detach().requires_grad_(i == which) for i, tensor in enumerate([a, b])]
        output = operator(*inputs)
        seed = torch.ones_like(output)
        return lambda: torch.autograd.grad(output, inputs[which], seed, retain_graph=True)
    return forward, backward

def times(body, count, device):
    end = torch.cuda.synchronize if device == "cuda" else lambda: None
    end()
    clock, processor = time.perf_counter(), time.process_time()
    for _ in range(count): body()
    end()
    return [(time.perf_counter() - clock) * 1000, (time.process_time() - processor) * 1000]

def use(way):
    if way["device"] == "cpu":
        torch.set_num_threads(way["threads"])
    else:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = way["tf32"]
        torch.backends.cudnn.benchmark = True

for line in sys.stdin:
    asked = json.loads(line)
    if "kind" in asked:
        a, b, operator = operands(asked)
        made, counts = {}, {}
        y = operator(a, b)
        if y.dim() == 4 and asked["kind"] != "add": y = y.permute(0, 2, 3, 1)
        print(json.dumps(y.reshape(-1)[::max(1, y.numel() // 1000)].tolist()), flush=True)
        continue
    which, way = asked["pass"], asked["way"]
    use(way)
    name, device = (which, way["name"]), way["device"]
    if name not in made:
        forward, backward = bodies(a.to(device), b.to(device), operator)
        made[name] = forward if which == 0 else backward(which - 1)
        made[name]()
        counts[name] = 1
        while times(made[name], counts[name], device)[0 if device == "cuda" else 1] < asked["least"]: counts[name] *= 2
    print(json.dumps([one / counts[name] for one in times(made[name], counts[name], device)]), flush=True)
`;

/** PyTorch, which computes operators and both their gradients whenever asked. */
export class PytorchPeer implements Disposable {
  readonly #process: LineProcess;

  private constructor(process: LineProcess, readonly ways: readonly PytorchWay[]) {
    this.#process = process;
  }

  /** Starts it; `undefined` where PyTorch is not installed. */
  static async start(): Promise<PytorchPeer | undefined> {
    const here = await pytorchHere();
    if (!here) return undefined;
    // threads that wait for others otherwise burn the processor's time
    const env = { OMP_WAIT_POLICY: "passive" };
    return new PytorchPeer(new LineProcess("PyTorch", [here.python, "-c", PROGRAM], { env }), here.ways);
  }

  /**
   * Takes an operator, which the next samplers are for.
   *
   * @returns every n-th value of the forward result, a thousand or so, channels-last
   */
  async take(test: PytorchCase): Promise<number[]> {
    return JSON.parse(await this.#process.ask(test));
  }

  /**
   * What times a pass.
   *
   * @param pass 0: forward; 1 and 2: gradient of the first and of the second input, without forward
   */
  sampler(pass: number, way: PytorchWay): Sampler {
    return async () => {
      const [clock, processor] = JSON.parse(await this.#process.ask({ pass, way, least: SHORT_MS }));
      return { clock, processor };
    };
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#process[Symbol.dispose]();
  }
}
