import { needs, runPython } from "../src/testing/needs.ts";

const PROGRAM = `
import json, time, torch, torchvision
torch.manual_seed(0)
network = torchvision.models.resnet101(weights=None, replace_stride_with_dilation=[True, True, False])
images = torch.rand(2, 3, 257, 257)

def seconds(body):
    start = time.perf_counter()
    body()
    return time.perf_counter() - start

def step():
    network.zero_grad()
    network(images).sum().backward()

network.eval()
with torch.no_grad():
    network(images)
    evaluation = seconds(lambda: network(images))
network.train()
step()
print(json.dumps([evaluation * 1000, seconds(step) * 1000]))
`;

/**
 * Milliseconds of PyTorch on the CPU for a ResNet-101 of the same dilation on two images of 257 × 257, which is 97 % of the
 * network's arithmetic: evaluation, and forward and backward; `null` where it is not installed.
 */
export async function pytorchResnet(): Promise<{ evaluation: number | null; training: number | null }> {
  if (!needs("python3-torchvision").found) return { evaluation: null, training: null };
  const [evaluation, training] = JSON.parse(await runPython(PROGRAM));
  return { evaluation, training };
}
