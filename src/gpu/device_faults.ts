/** The adapter failed under the program. What is on the disk is whole, and the same command goes on from there. */
export class DeviceError extends Error {
  /** Name of the class. */
  override name = "DeviceError";

  /** What failed: the device is gone, it has no memory left, or it does not answer. */
  constructor(readonly kind: "lost" | "memory" | "silent", message: string) {
    super(message);
  }
}

const GOES_ON = "Nothing that was written is lost: the same command goes on from there";

/** Minutes after which an adapter that does not answer is given up, unless said otherwise. */
const PATIENCE_MINUTES = 30;

let listener: ((fault: DeviceError) => void) | undefined;
let minutes = PATIENCE_MINUTES;
let operator = "";

/**
 * Has faults of the adapter told that no caller could catch: a lost device, memory that ran out.
 *
 * @param told is expected to end the process
 * @param options.patience minutes after which an adapter that does not answer is given up
 */
export function tellDeviceFaults(
  told: ((fault: DeviceError) => void) | undefined,
  { patience = PATIENCE_MINUTES }: { patience?: number } = {},
): void {
  listener = told;
  minutes = patience;
}

/** Notes what the adapter is given to compute, for messages. */
export function noteOperator(name: string): void {
  operator = name;
}

/** What a lost device becomes. */
export function deviceLost(adapterName: string, why: string): DeviceError {
  return new DeviceError(
    "lost",
    `"${adapterName}" was lost while it computed "${operator}" (${
      why || "no reason was given"
    }): its driver has crashed or ` +
      `was reset, as after a sleep or by a watchdog of the system's. ${GOES_ON}. If it happens again, update the driver or ` +
      "choose another adapter by --adapter (./dfdt doctor lists them)",
  );
}

/** What memory that the adapter does not have becomes. */
export function outOfMemory(adapterName: string, why: string): DeviceError {
  return new DeviceError(
    "memory",
    `"${adapterName}" ran out of memory while it computed "${operator}" (${why}). Close what else uses it, train with ` +
      `--set training.checkpoint=true, which takes half, or choose a smaller --preset. ${GOES_ON}, with the same settings`,
  );
}

/** Hands a fault to whoever listens; `false` where nobody does. */
export function tell(fault: DeviceError): boolean {
  listener?.(fault);
  return listener !== undefined;
}

/**
 * What a promise of the adapter's comes to, unless it does not answer.
 *
 * @throws {DeviceError} that names what was computed last
 */
export async function answered<T>(adapterName: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new DeviceError(
          "silent",
          `"${adapterName}" has not answered for ${minutes} minutes; "${operator}" was the last that it was given to ` +
            `compute: its driver hangs. ${GOES_ON}. If it happens again, update the driver or choose another adapter by ` +
            "--adapter (./dfdt doctor lists them). DFDT_PATIENCE_MINUTES=N waits longer",
        ),
      );
    }, minutes * 60_000);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
