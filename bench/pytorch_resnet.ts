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

threads = json.loads(sys.argv[1])
torch.set_num_threads(threads[-1])
network.eval()
with torch.no_grad():
    network(images)
    evaluation = []
    for count in threads:
        torch.set_num_threads(count)
        evaluation.append(times(lambda: network(images)))
network.train()
step()
training = []
for count in threads:
    torch.set_num_threads(count)
    training.append(times(step))
print(json.dumps([evaluation, training]))
`;

/** What PyTorch takes, for each of {@link THREADS}; none where it is not installed. */
export interface ResnetSamples {
  /** Two images forward. */
  evaluation: readonly Sample[];
  /** Two images forward and backward. */
  training: readonly Sample[];
}

/**
 * What PyTorch takes on the CPU for a ResNet-101 of the same dilation on two images of 257 × 257, which is 97 % of the network's
 * arithmetic.
 */
export async function pytorchResnet(): Promise<ResnetSamples> {
  if (!needs("python3-torchvision").found) return { evaluation: [], training: [] };
  const env = { OMP_WAIT_POLICY: "passive" }; // threads that wait otherwise burn the processor's time
  const [evaluation, training] = JSON.parse(await runPython(PROGRAM, [JSON.stringify(THREADS)], env));
  return { evaluation, training };
}
