/** What a text became in a character set. */
export interface EncodedText {
  /** Its bytes. */
  bytes: Uint8Array;
  /** Whether all of its characters are in them. */
  isWhole: boolean;
}

/** Characters that a long string may have (PS3.5, 6.2, LO). */
const MOST_CHARACTERS = 64;

/**
 * A text as a long string (LO) in the character set of a file: as UTF-8 or Latin-1 where the file is, else as ASCII, with `_`
 * for every character that is not in it. A backslash would end the value.
 *
 * @param characterSet `Specific Character Set` (0008,0005) of the file, empty for ASCII
 */
export function encodeText(text: string, characterSet: string): EncodedText {
  const plain = [...text.normalize("NFC").replace(/[\\\p{Cc}]/gu, "_")].slice(0, MOST_CHARACTERS);
  if (characterSet === "ISO_IR 192") return { bytes: new TextEncoder().encode(plain.join("")), isWhole: true };
  const largest = characterSet === "ISO_IR 100" ? 0xff : 0x7e;
  const codes = plain.map((character) => character.codePointAt(0)!);
  const isIn = (code: number) => code <= largest && !(code > 0x7e && code < 0xa0);
  return {
    bytes: Uint8Array.from(codes, (code) => isIn(code) ? code : 0x5f),
    isWhole: codes.every(isIn),
  };
}

/** Whether bytes are ASCII, and so the same text in every character set: no escape sequence changes what follows. */
export function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
}
