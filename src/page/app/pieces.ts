/// <reference lib="dom" />
// What lies in the page as packed bytes: elements of text, gzip in base64.

/** The bytes of a piece, unpacked. */
export async function unpackedPiece(id: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(atob(document.getElementById(id)!.textContent!), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The text of a piece, unpacked. */
export async function textPiece(id: string): Promise<string> {
  return new TextDecoder().decode(await unpackedPiece(id));
}

/** The model that lies in the page, if there is one. */
export function modelPiece(): Promise<{ bytes: Uint8Array<ArrayBuffer>; name: string; sha256: string }> | undefined {
  const element = document.getElementById("model");
  if (!element) return undefined;
  const { name, sha256, start } = element.dataset as Record<string, string>;
  return unpackedPiece("model").then((planes) => ({ bytes: joinPlanes(planes, Number(start)), name, sha256 }));
}

/** Undoes what the page's maker did so that numbers pack better: first all their first bytes, then all their second ones. */
export function joinPlanes(planes: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> {
  const bytes = planes.slice(), count = Math.floor((planes.length - start) / 4);
  for (let plane = 0; plane < 4; plane++) {
    for (let i = 0; i < count; i++) bytes[start + 4 * i + plane] = planes[start + plane * count + i];
  }
  return bytes;
}
