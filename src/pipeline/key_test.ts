import assert from "node:assert/strict";
import { caseKey, collectionKey, type KeyedStage, stageKey } from "./key.ts";

const STAGE: KeyedStage = { stage: "window", version: 1, parameters: { lower: 1, upper: 2 } };
const INPUTS = { images: { a: "1", b: "2" }, model: "3" };

Deno.test("keys stay what they were: raise KEY_VERSION, and these, when they change", () => {
  assert.deepEqual(
    [stageKey(STAGE, INPUTS), caseKey(STAGE, { id: "a", inputs: { images: "1" } }), collectionKey(STAGE, { a: "k" })],
    ["8739d746369b671f56b7468e", "9f9bbc6fa2d179091dd43e93", "9f61218d04e3aea4afeaffa5"],
  );
});

Deno.test("keys change with name, version, parameters, content, case and cases, and with nothing else", () => {
  const keys = [
    stageKey(STAGE, INPUTS),
    stageKey({ ...STAGE, stage: "w" }, INPUTS),
    stageKey({ ...STAGE, version: 2 }, INPUTS),
    stageKey({ ...STAGE, parameters: { lower: 1, upper: 3 } }, INPUTS),
    stageKey(STAGE, { ...INPUTS, model: "4" }),
    stageKey(STAGE, { ...INPUTS, images: { a: "2", b: "1" } }),
    stageKey(STAGE, { images: INPUTS.images }),
    caseKey(STAGE, { id: "a", inputs: { images: "1" } }),
    caseKey(STAGE, { id: "b", inputs: { images: "1" } }),
    caseKey(STAGE, { id: "a", inputs: { images: "2" } }),
    collectionKey(STAGE, { a: "1" }),
    collectionKey(STAGE, { a: "1", b: "2" }),
  ];
  assert.equal(new Set(keys).size, keys.length);
  for (const key of keys) assert.match(key, /^[0-9a-f]{24}$/);
  const sameInAnotherOrder = { parameters: { upper: 2, lower: 1 }, version: 1, stage: "window" };
  assert.equal(stageKey(sameInAnotherOrder, { model: "3", images: { b: "2", a: "1" } }), keys[0]);
});
