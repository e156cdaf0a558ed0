import { open } from "node:fs/promises";

/**
 * Paths of the files and folders that `body` waits for until they are on the disk, in order. An `fsync` leaves nothing else
 * behind that a test could see: what it saves is lost with the machine's power alone.
 *
 * @param onSync is called before each
 * @throws {Error} on a system without `/proc`
 */
export async function recordSyncs(
  body: () => Promise<void>,
  onSync: (path: string) => void = () => {},
): Promise<string[]> {
  const paths: string[] = [];
  const own = await open("/proc/self/status");
  const handle = Object.getPrototypeOf(own) as { sync(this: { fd: number }): Promise<void> };
  await own.close();
  const { sync } = handle;
  handle.sync = async function () {
    const path = await Deno.readLink(`/proc/self/fd/${this.fd}`);
    paths.push(path);
    onSync(path);
    await sync.call(this);
  };
  try {
    await body();
  } finally {
    handle.sync = sync;
  }
  return paths;
}
