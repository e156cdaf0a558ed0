import { channelsFirst, extents, filled, type Framework, permuted } from "./work.ts";

/** Starts jax-js on one of its devices. */
export async function jax(device: "webgpu" | "wasm"): Promise<Framework> {
  const { defaultDevice, init, jit, lax, numpy } = await import("@jax-js/jax");
  if (!(await init(device)).includes(device)) throw new Error(`the device ${device} does not start`);
  defaultDevice(device);
  return (work) => {
    const array = (values: Float32Array, shape: number[]) =>
      numpy.array(values as Float32Array<ArrayBuffer>, { shape });
    const a = work.kind === "convolution" ? array(channelsFirst(work.a), work.a) : array(filled(work.a), work.a);
    const b = array(filled(work.b), work.b);
    const operator = jit((x: typeof a, w: typeof b) => {
      if (work.kind === "matmul") return numpy.matmul(x, w);
      const { stride, padding: p, dilation } = work;
      return lax.convGeneralDilated(x, w, [stride, stride], [[p, p], [p, p]], { rhsDilation: [dilation, dilation] });
    });
    let result = new Float32Array();
    return Promise.resolve({
      async run() {
        result = await operator(a.ref, b.ref).data() as Float32Array<ArrayBuffer>;
      },
      values: () =>
        Promise.resolve(
          work.kind === "convolution"
            ? permuted(result, [work.a[0], work.b[0], ...extents(work)], [0, 2, 3, 1])
            : result,
        ),
    });
  };
}
