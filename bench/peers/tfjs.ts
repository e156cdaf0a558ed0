import { filled, type Framework, permuted } from "./work.ts";

/** Starts one of TensorFlow.js's backends. */
export async function tfjs(backend: "webgpu" | "wasm"): Promise<Framework> {
  const tf = await import("@tensorflow/tfjs-core");
  if (backend === "webgpu") {
    // the backend looks for a page
    Object.assign(globalThis, { window: globalThis });
    await import("@tensorflow/tfjs-backend-webgpu");
  } else {
    await import("@tensorflow/tfjs-backend-wasm");
  }
  if (!await tf.setBackend(backend)) throw new Error(`the backend ${backend} does not start`);
  await tf.ready();
  return (work) => {
    const a = work.kind === "convolution"
      ? tf.tensor4d(filled(work.a), [work.a[0], work.a[2], work.a[3], work.a[1]])
      : tf.tensor3d(filled(work.a), work.a);
    const b = work.kind === "convolution"
      ? tf.tensor4d(permuted(filled(work.b), work.b, [2, 3, 1, 0]), [work.b[2], work.b[3], work.b[1], work.b[0]])
      : tf.tensor3d(filled(work.b), work.b);
    const operator = () => {
      if (work.kind === "matmul") return tf.matMul(a, b);
      const { stride, padding, dilation } = work;
      const padded = padding ? tf.pad(a, [[0, 0], [padding, padding], [padding, padding], [0, 0]]) : a;
      return tf.conv2d(padded as never, b as never, stride, "valid", "NHWC", dilation);
    };
    let y: { data(): Promise<unknown>; dispose(): void } | undefined;
    return Promise.resolve({
      async run() {
        y?.dispose();
        y = tf.tidy(operator as never) as typeof y;
        await y!.data();
      },
      values: async () => await y!.data() as Float32Array,
    });
  };
}
