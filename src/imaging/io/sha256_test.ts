import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sha256Hex } from "./sha256.ts";

Deno.test("sha256Hex() gives what the system's own gives, of texts and bytes one after another", () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  for (const parts of [[], ["abc"], ["Müller^Jörg", bytes], [bytes, bytes, "x"]]) {
    const expected = createHash("sha256");
    for (const part of parts) expected.update(part);
    assert.equal(sha256Hex(...parts), expected.digest("hex"));
  }
});
