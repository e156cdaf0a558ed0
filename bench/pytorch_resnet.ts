import type { Sample } from "./measure.ts";
import { pytorchHere } from "./pytorch_ways.ts";

const PROGRAM = `
import json, sys, time, torch, torchvision
torch.manual_seed(0)
network = torchvision.models.resnet101(weights=None, replace_stride_with_dilation=[True, True, False])
images = torch.rand(2, 3, 257, 257)
ways, what = json.loads(sys.argv[1]), sys.argv[2]
device = ways[0]["device"]
network, images = network.to(device), images.to(device)

def times(body):
    end = torch.cuda.synchronize if device == "cuda" else lambda: None
    end()
    clock, processor = time.perf_counter(), time.process_time()
    body()
    end()
    return {"clock": (time.perf_counter() - clock) * 1000, "processor": (time.process_time() - processor) * 1000}

def use(way):
    if device == "cpu":
        torch.set_num_threads(way["threads"])
    else:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = way["tf32"]
        torch.backends.cudnn.benchmark = True

def step():
    network.zero_grad()
    network(images).sum().backward()

def samples(body):
    found = []
    for way in ways if device == "cuda" else ways[::-1]: # the first one warms up, in the least time
        use(way)
        if device == "cuda" or not found: body()
        found.append(times(body))
    return found if device == "cuda" else found[::-1]

if what == "training":
    network.train()
    found = samples(step)
else:
    network.eval()
    with torch.no_grad(): found = samples(lambda: network(images))
print(json.dumps(found))
`;

/**
 * What PyTorch takes, in each of its ways, for a ResNet-101 of the same dilation on two images of 257 × 257, which is 97 % of the
 * network's arithmetic; nothing where it, or torchvision, is not installed.
 *
 * @param what forward, or forward and backward
 */
export async function pytorchResnet(what: "evaluation" | "training"): Promise<{ name: string; sample: Sample }[]> {
  const here = await pytorchHere();
  if (!here) return [];
  const { success, stdout } = await new Deno.Command(here.python, {
    args: ["-c", PROGRAM, JSON.stringify(here.ways), what],
    env: { OMP_WAIT_POLICY: "passive" }, // threads that wait otherwise burn the processor's time
    stdin: "null",
    stderr: "null",
  }).output();
  if (!success) return [];
  const samples: Sample[] = JSON.parse(new TextDecoder().decode(stdout));
  return samples.map((sample, i) => ({ name: here.ways[i].name, sample }));
}
