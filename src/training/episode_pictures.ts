import { copy } from "../gpu/mod.ts";
import { persist, type Tensor, toArray, zeros } from "../tensor/mod.ts";
import type { Episode } from "../episode.ts";

/** The slices of a step and what the network said of them, `[side · side]` each. */
export type EpisodeSlices = Episode<Float32Array<ArrayBuffer>> & { prediction: Float32Array<ArrayBuffer> };

/** Order of the slices on the GPU. */
const NAMES = ["supportImage", "supportMask", "queryImage", "queryMask", "prediction"] as const;

/** Keeps the slices of one step on the GPU until they are read. */
export class EpisodePictures implements Disposable {
  readonly #maps: Tensor;
  readonly #area: number;

  /** @param side of a slice in pixels */
  constructor(side: number) {
    this.#area = side * side;
    this.#maps = persist(zeros([NAMES.length, this.#area]));
  }

  /** Keeps a step's slices, in place of those before. */
  keep(episode: Episode<Tensor>, prediction: Tensor): void {
    for (const [i, name] of NAMES.entries()) {
      copy(name === "prediction" ? prediction : episode[name], this.#maps.view([this.#area], i * this.#area));
    }
  }

  /** Reads what is kept. */
  async read(): Promise<EpisodeSlices> {
    const values = await toArray(this.#maps);
    const slices = NAMES.map((name, i) => [name, values.slice(i * this.#area, (i + 1) * this.#area)]);
    return Object.fromEntries(slices) as EpisodeSlices;
  }

  /** Frees it. */
  [Symbol.dispose](): void {
    this.#maps.release();
  }
}
