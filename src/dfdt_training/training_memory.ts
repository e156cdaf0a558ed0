import { UserError } from "../errors.ts";
import { countMemory, gpu, type KernelSet } from "../gpu/mod.ts";
import { availableMemory } from "../available_memory.ts";
import { Scope, zeros } from "../tensor/mod.ts";
import { makeTraining, type TrainingSizes } from "./make_training.ts";

/** Memory of the machine that is left for others when an adapter works in it. */
const RESERVE = 2 ** 30;

/** Bytes on the GPU that training takes at most, counted by a step that computes nothing. */
export function trainingMemory(sizes: TrainingSizes): number {
  return countMemory(() => {
    const { trainable, optimizer } = makeTraining(sizes);
    const side = sizes.network.image;
    for (const step of [1, 2]) {
      using _scope = new Scope();
      const map = () => zeros([side, side]);
      trainable.step({ supportImage: map(), supportMask: map(), queryImage: map(), queryMask: map() }, step);
      optimizer.step(0, step);
    }
  }).allocatedPeak;
}

/**
 * Bytes that training may take: what `DFDT_GPU_MEMORY_GIB` says, else for an adapter in software what the machine has left
 * but for 1 GiB.
 *
 * @param wanted the variable, if it is set
 * @param machine kernel set of the adapter, and bytes that are available on the machine
 * @returns `undefined` where nobody knows: WebGPU does not tell how large a GPU's memory is
 * @throws {UserError} if the variable is no number
 */
export function usableMemory(
  wanted: string | undefined,
  machine: { adapterKernels: KernelSet; available: number },
): number | undefined {
  if (wanted) {
    if (Number(wanted) > 0) return Number(wanted) * 2 ** 30;
    throw new UserError("usage", `Cannot use DFDT_GPU_MEMORY_GIB "${wanted}": expected a number of GiB above 0`);
  }
  if (machine.adapterKernels !== "llvmpipe") return undefined;
  return Math.max(machine.available - RESERVE, 0);
}

/**
 * Refuses a training that would not fit, before anything is allocated: an adapter in software that runs out of memory is
 * killed without a word.
 *
 * @throws {UserError} that says how much it needs, and what would fit
 */
export async function checkTrainingMemory(sizes: TrainingSizes): Promise<void> {
  const { adapterKernels } = gpu();
  const wanted = Deno.env.get("DFDT_GPU_MEMORY_GIB");
  const available = usableMemory(wanted, { adapterKernels, available: await availableMemory() });
  if (available === undefined || sizes.training.steps === 0) return;
  const needed = trainingMemory(sizes);
  if (needed <= available) return;
  const checkpointed = trainingMemory({ ...sizes, training: { ...sizes.training, checkpoint: true } });
  const help = checkpointed < needed
    ? `--set training.checkpoint=true needs ${
      gibibytes(checkpointed)
    } and gives the same numbers; --preset laptop and --preset tiny `
    : "--preset laptop and --preset tiny ";
  throw new UserError(
    "usage",
    `Cannot train: expected ${gibibytes(needed)} of memory for the adapter, found ${gibibytes(available)}. ${help}` +
      "need less than 0.5 GiB. DFDT_GPU_MEMORY_GIB says how much may be used",
  );
}

/** Bytes as people read them. */
export function gibibytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
