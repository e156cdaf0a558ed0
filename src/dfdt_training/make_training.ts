import { DfdtTrainable, Network } from "../dfdt/mod.ts";
import { AdamW, type Optimizer, Sgd } from "../training/optimizer.ts";
import type { TrainingParameters } from "./training_parameters.ts";

/** What fixes the shapes and the recipe of a training. */
export type TrainingSizes = Pick<TrainingParameters, "network" | "training" | "seed">;

/** The network, the optimiser and both as the training loop sees them, all weights 0. */
export function makeTraining(
  { network: configuration, training, seed }: TrainingSizes,
): { network: Network; optimizer: Optimizer; trainable: DfdtTrainable } {
  const { momentum, betas, epsilon, weightDecay, clipNorm, freezeBatchNorm, checkpoint } = training;
  const network = new Network(configuration, { checkpoint });
  const { values, gradients, active } = network.parameters;
  const common = { values, gradients, active, weightDecay, clipNorm: clipNorm || undefined };
  const optimizer = training.optimizer === "adamw"
    ? new AdamW({ ...common, betas, epsilon })
    : new Sgd({ ...common, momentum });
  return { network, optimizer, trainable: new DfdtTrainable(network, { seed, freezeBatchNorm }) };
}
