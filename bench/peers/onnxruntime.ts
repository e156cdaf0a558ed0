import { onnxModel } from "./onnx_model.ts";
import { channelsFirst, extents, filled, type Framework, permuted } from "./work.ts";

/** Starts one of onnxruntime-web's execution providers. */
export async function onnxruntime(provider: "webgpu" | "wasm"): Promise<Framework> {
  const ort = provider === "webgpu" ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = navigator.hardwareConcurrency;
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
