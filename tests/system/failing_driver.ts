import { main } from "../../src/cli/main.ts";
import { watchDisk } from "../../src/disk.ts";

// `failing_driver.ts WAY TASK …` runs a task on a driver that fails: `wrong` changes one number of everything that is read back,
// from the start; `silent` answers nothing more, and `lost` loses the device, once the second snapshot of a training is kept.
const [way, ...args] = Deno.args;
const SNAPSHOTS = 2;
let snapshots = 0;
watchDisk(({ kind, path }) => {
  if (kind === "rename" && /\/snapshots\/step-\d+\.safetensors$/.test(path)) snapshots++;
});
const fails = () => way === "wrong" || snapshots >= SNAPSHOTS;

const { mapAsync, getMappedRange } = GPUBuffer.prototype;
const { requestDevice } = GPUAdapter.prototype;
let device: GPUDevice;
GPUAdapter.prototype.requestDevice = async function (...given) {
  return device = await requestDevice.apply(this, given);
};
GPUBuffer.prototype.mapAsync = function (...given) {
  if (!fails() || way === "wrong") return mapAsync.apply(this, given);
  if (way === "lost") device.destroy();
  return way === "silent" ? new Promise(() => {}) : mapAsync.apply(this, given);
};
GPUBuffer.prototype.getMappedRange = function (...given) {
  const range = getMappedRange.apply(this, given);
  if (way === "wrong") {
    const numbers = new Float32Array(range), largest = numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    numbers[numbers.length >> 1] += 0.1 * largest;
  }
  return range;
};
Deno.exit(await main(args));
