import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of a file's content, or of all files in a folder; of gzip what its end says of the last member, without unpacking. */
export async function contentBytes(path: string): Promise<number> {
  const about = await stat(path);
  if (about.isDirectory()) {
    const sizes = await Promise.all((await readdir(path)).map((name) => contentBytes(join(path, name))));
    return sizes.reduce((a, b) => a + b, 0);
  }
  if (!path.endsWith(".gz") || about.size < 4) return about.size;
  const file = await open(path);
  try {
    const end = new Uint8Array(4);
    await file.read(end, 0, end.length, about.size - end.length);
    return Math.max(new DataView(end.buffer).getUint32(0, true), about.size);
  } finally {
    await file.close();
  }
}
