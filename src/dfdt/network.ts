import { add, concatenateColumns, diceOverlap, makeSampler, mean, type Sampler, sliceRows } from "../../kernels/mod.ts";
import type { Episode } from "../episode.ts";
import { type DropPath, ignore, Parameters, type Pass, SwinStage } from "../nn/mod.ts";
import { fromArray, persist, reshape, type Tensor, withoutGradient } from "../tensor/mod.ts";
import {
  checkConfiguration,
  featureSide,
  type NetworkConfiguration,
  type Quirks,
  quirksOf,
  swinPart,
} from "./configuration.ts";
import { encode, type Encoded, GREY_TO_CHANNELS } from "./encoder.ts";
import {
  alignLoss,
  boundaryLoss,
  diceLoss,
  dilate,
  type Losses,
  ownPrototypeLoss,
  peripheryLoss,
  predictedMask,
  prototypeLoss,
  queryLoss,
} from "./losses.ts";
import { depthwiseKernels, type KernelRows, kernelRows, pdet, ROUNDS } from "./pdet.ts";
import { type Comparable, comparable, enlarge, predict } from "./predictor.ts";
import { maskOnMap, partPrototypes, pool } from "./prototypes.ts";
import { networkState } from "./state.ts";

/** What a support slice contributes to every prediction made from it. */
export interface Support {
  /** Its features. */
  features: Comparable;
  /** Its threshold τ_S, `[1, 1]`. */
  threshold: Tensor;
  /** Mask, `[1, H, W, 1]`. */
  mask: Tensor;
  /** Coarse prototype g, `[1, C]`. */
  prototype: Tensor;
  /** Part prototypes P⁰, `[K, C]`. */
  parts: Tensor;
  /** The sampler's draw: index of the first centre among the foreground pixels, and their number, i32 `[2]`. */
  draw: Tensor;
}

/** The query side of a forward pass. */
export interface QueryResult {
  /** Features of the query. */
  features: Comparable;
  /** Its threshold τ_Q, `[1, 1]`. */
  threshold: Tensor;
  /** Foreground probability Y, `[1, H, W, 1]`. */
  prediction: Tensor;
}

/** A DFDT network: state and computation (docs/reference/network.md, 1 to 3). */
export class Network implements Disposable {
  /** All parameters and statistics. */
  readonly parameters: Parameters;
  /** The stream that draws the first centre of every partition. */
  readonly sampler: Sampler;
  /** Training steps that the batch norms have seen (`num_batches_tracked` of every one of them). */
  batchesTracked = 0;
  /** Looks at every tensor that docs/reference/network.md, 5.3 names. */
  observe: (name: string, tensor: Tensor) => void = ignore;
  readonly #stages = new Map<number, SwinStage>();
  readonly #channels: Tensor;
  readonly #kernelRows: KernelRows;
  readonly #quirks: Quirks;

  /**
   * Makes room for the parameters, all 0, on the open device.
   *
   * @param options.checkpoint computes inner tensors of the ResNet again in the backward walk instead of keeping them: the
   * same bits with half the memory and a third more time
   * @throws {RangeError} if the configuration cannot be built
   */
  constructor(
    readonly configuration: NetworkConfiguration,
    readonly options: { checkpoint?: boolean } = {},
  ) {
    checkConfiguration(configuration);
    this.parameters = new Parameters(networkState(configuration));
    this.sampler = makeSampler();
    this.#channels = persist(fromArray(GREY_TO_CHANNELS, [4, 1]));
    this.#kernelRows = kernelRows(configuration.channels);
    this.#quirks = quirksOf(configuration);
  }

  /**
   * Features and thresholds of images.
   *
   * @param images `[N, H, W]`
   */
  encode(images: Tensor, { training = false, dropPath }: { training?: boolean; dropPath?: DropPath } = {}): Encoded {
    const count = images.shape[0];
    let swin = this.#stages.get(count);
    if (!swin) this.#stages.set(count, swin = new SwinStage(swinPart(this.configuration), count));
    return encode(this.#pass(training), this.configuration, images, { channels: this.#channels, swin, dropPath });
  }

  /**
   * Everything of a support slice that does not depend on the query (docs/reference/network.md, 2.7, steps 1 and 2).
   */
  support(features: Comparable, threshold: Tensor, mask: Tensor): Support {
    const { topRowFill } = this.#quirks;
    const prototype = pool(features, mask);
    this.observe("getFeatures#0", prototype);
    const mapMask = maskOnMap(mask, { side: featureSide(this.configuration), findAlways: !topRowFill });
    const fill = topRowFill ? "first" as const : "nearest" as const;
    const options = { parts: this.configuration.parts, sampler: this.sampler, fill };
    const { prototypes, first } = partPrototypes(features, mapMask, options);
    this.observe("partition.first_index", first);
    this.observe("partition_prototypes", prototypes);
    return { features, threshold, mask, prototype, parts: prototypes, draw: first };
  }

  /** Foreground probabilities of a query (docs/reference/network.md, 2.8). */
  query(support: Support, features: Comparable, threshold: Tensor, training = false): QueryResult {
    const pass = this.#pass(training);
    const coarse = predict(features, support.prototype, threshold);
    this.observe("getPred#2", coarse);
    let query = pool(features, coarse);
    this.observe("getFeatures#2", query);
    let parts = support.parts;
    let refined = coarse;
    const kernels = depthwiseKernels(pass, this.#kernelRows);
    for (let round = 0; round < ROUNDS; round++) {
      const options = { kernels, floored: this.#quirks.flooredAffinity, round };
      parts = pdet(pass, { prototypes: parts, query }, options);
      const prototype = add(reshape(mean(parts, "rows"), support.prototype.shape), support.prototype);
      refined = predict(features, prototype, threshold);
      this.observe(`getPred#${3 + round}`, refined);
      const last = round === ROUNDS - 1;
      if (!last || this.observe !== ignore) {
        query = pool(features, refined);
        this.observe(`getFeatures#${3 + round}`, query);
      }
    }
    return { features, threshold, prediction: enlarge(refined, this.configuration.image) };
  }

  /**
   * Object and periphery prediction of the support, which only the periphery loss needs (docs/reference/network.md, 2.7,
   * step 3).
   *
   * @param dilated the support's mask, dilated, `[1, H, W, 1]`
   */
  objectAndPeriphery(
    { features, threshold, prototype, mask }: Support,
    dilated: Tensor = dilate(mask),
  ): [object: Tensor, periphery: Tensor] {
    const wider = pool(features, dilated);
    this.observe("getFeatures#1", wider);
    const object = predict(features, prototype, threshold);
    this.observe("getPred#0", object);
    const periphery = predict(features, wider, threshold);
    this.observe("getPred#1", periphery);
    const { image } = this.configuration;
    return [enlarge(object, image), enlarge(periphery, image)];
  }

  /** Support and query of an episode go through the encoder together, `[2, H, W]`. */
  encodePair(episode: Episode<Tensor>, options: { training?: boolean; dropPath?: DropPath } = {}): {
    features: [support: Comparable, query: Comparable];
    thresholds: [support: Tensor, query: Tensor];
  } {
    const { image } = this.configuration;
    const flat = (x: Tensor) => reshape(x, [1, image * image]);
    const both = reshape(concatenateColumns(flat(episode.supportImage), flat(episode.queryImage)), [2, image, image]);
    const { features, threshold } = this.encode(both, options);
    return {
      features: [comparable(sliceRows(features, 0, 1)), comparable(sliceRows(features, 1, 2))],
      thresholds: [sliceRows(threshold, 0, 1), sliceRows(threshold, 1, 2)],
    };
  }

  /**
   * The seven losses of an episode and the query's prediction (docs/reference/network.md, 2 and 3).
   *
   * @param options `dropPath`: factors of the second Swin block; `freezeBatchNorm`: batch norms use and keep their running
   * statistics, published false
   */
  losses(
    episode: Episode<Tensor>,
    { dropPath, freezeBatchNorm = false }: { dropPath?: DropPath; freezeBatchNorm?: boolean } = {},
  ): {
    losses: Losses;
    prediction: Tensor;
    thresholds: [support: Tensor, query: Tensor];
    /** Hard Dice of the prediction on this episode, `[1]`. */
    overlap: Tensor;
    /** See {@link Support}. */
    draw: Tensor;
  } {
    const { image } = this.configuration;
    const map = (x: Tensor) => reshape(x, [1, image, image, 1]);
    const supportMask = map(episode.supportMask), label = map(episode.queryMask);
    const { features, thresholds } = this.encodePair(episode, { training: !freezeBatchNorm, dropPath });
    const support = this.support(features[0], thresholds[0], supportMask);
    const dilated = dilate(supportMask);
    const [object, periphery] = this.objectAndPeriphery(support, dilated);
    const { prediction } = this.query(support, features[1], thresholds[1], !freezeBatchNorm);

    const predicted = withoutGradient(() => predictedMask(prediction));
    const queryPrototype = pool(features[1], predicted);
    this.observe("getFeatures#6", queryPrototype);
    this.observe("getFeatures#7", queryPrototype);
    const quirks = this.#quirks;
    const aligned = predict(features[0], queryPrototype, thresholds[quirks.alignThreshold ? 1 : 0]);
    this.observe("getPred#8", aligned);
    const labelPrototype = pool(features[1], label);
    this.observe("getFeatures#8", labelPrototype);
    const own = predict(features[1], labelPrototype, thresholds[1]);
    this.observe("getPred#9", own);
    const losses: Losses = {
      query: queryLoss(prediction, label),
      periphery: peripheryLoss({ object, periphery }, { supportMask, dilated }),
      align: alignLoss(enlarge(aligned, image), { supportMask, predicted }),
      mse: prototypeLoss(queryPrototype, support.prototype, predicted),
      qry: ownPrototypeLoss(enlarge(own, image), label),
      boundary: boundaryLoss(prediction, label, { softmax: quirks.boundarySoftmax }),
      dice: diceLoss(prediction, label, { doubleSigmoid: quirks.doubleSigmoidDice }),
    };
    const overlap = withoutGradient(() => diceOverlap(predicted, label));
    return { losses, prediction, thresholds, overlap, draw: support.draw };
  }

  /** Frees everything that the network holds. */
  [Symbol.dispose](): void {
    this.#channels.release();
    const { local, wide } = this.#kernelRows;
    for (const owner of [this.parameters, this.sampler, ...this.#stages.values(), local, wide]) owner[Symbol.dispose]();
  }

  #pass(training: boolean): Pass {
    const { checkpoint } = this.options, { winograd = true } = this.configuration;
    return { parameters: this.parameters, training, checkpoint, winograd, observe: this.observe };
  }
}
