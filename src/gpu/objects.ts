/** GPU objects of the process that are alive, by kind. */
export interface LiveObjects {
  /** Storage, uniform and staging buffers. */
  buffers: number;
  /** Textures, each with its one view. */
  textures: number;
  /** Bind groups. */
  bindGroups: number;
  /** Compute pipelines. */
  pipelines: number;
  /** Command encoders that are not handed to the queue yet. */
  encoders: number;
}

const live: LiveObjects = { buffers: 0, textures: 0, bindGroups: 0, pipelines: 0, encoders: 0 };

/** Notes that objects of a kind were made, or freed where `by` is negative. Whoever calls a `create…` of the device says so here. */
export function count(kind: keyof LiveObjects, by: number): void {
  live[kind] += by;
}

/** How many GPU objects of each kind are alive: work that repeats leaves these numbers as they are. */
export function liveObjects(): Readonly<LiveObjects> {
  return { ...live };
}
