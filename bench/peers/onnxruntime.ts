import { onnxModel } from "./onnx_model.ts";
import { channelsFirst, extents, filled, type Framework, permuted } from "./work.ts";

/** Starts one of onnxruntime-web's execution providers. */
export async function onnxruntime(provider: "webgpu" | "wasm"): Promise<Framework> {
  // Its program for browsers starts threads from a blob's address, which Deno does not import; that for Node does not.
  const ort = provider === "webgpu" ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web");
  ort.env.wasm.numThreads = provider === "webgpu" ? 1 : navigator.hardwareConcurrency;
  ort.env.wasm.wasmPaths = new URL("./", import.meta.resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm")).href;
  return async (work) => {
    const [a, b, y, values] = work.kind === "convolution"
      ? [work.a, work.b, [work.a[0], work.b[0], ...extents(work)], channelsFirst(work.a)]
      : [work.a, work.b, [work.a[0], work.a[1], work.b[2]], filled(work.a)];
    const model = work.kind === "convolution"
      ? onnxModel("Conv", {
        strides: [work.stride, work.stride],
        pads: Array(4).fill(work.padding),
        dilations: [work.dilation, work.dilation],
        kernel_shape: work.b.slice(2),
      }, { a, b, y })
      : onnxModel("MatMul", {}, { a, b, y });
    const session = await ort.InferenceSession.create(model, { executionProviders: [provider] });
    const feeds = { a: new ort.Tensor("float32", values, a), b: new ort.Tensor("float32", filled(b), b) };
    let result = new Float32Array();
    return {
      async run() {
        result = await (await session.run(feeds)).y.getData() as Float32Array<ArrayBuffer>;
      },
      values: () => Promise.resolve(y.length === 4 ? permuted(result, y, [0, 2, 3, 1]) : result),
    };
  };
}
