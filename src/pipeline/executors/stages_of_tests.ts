import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { defineCaseStage } from "../stage.ts";

/** What a case does, by the text of its raw file; other texts are doubled. */
const DEEDS: Record<string, (work: { id: string; meeting: string; warn: (message: string) => void }) => Promise<void>> =
  {
    refuse: ({ id }) => Promise.reject(new UserError("data", `Cannot use "${id}"`)),
    break: ({ id }) => Promise.reject(new TypeError(`case ${id} is broken`)),
    fill: () => Promise.reject(new RangeError("Array buffer allocation failed")),
    die: () => {
      setTimeout(() => {
        throw new Error("nobody catches this");
      });
      return new Promise(() => {});
    },
    // Returns only when two cases have met, which they cannot one after the other.
    meet: async ({ id, meeting }) => {
      await writeFile(join(meeting, id), "");
      for (let i = 0; (await readdir(meeting)).length < 2; i++) {
        if (i > 1000) throw new Error(`case ${id} waited for another in vain`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    // Warns when the other case is over long since.
    late: async ({ id, warn }) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      warn(`${id} is late`);
    },
    warn: async ({ id, warn }) => await warn(`${id} warns`),
  };

/** A stage that workers find: its cases do what the texts of their files say. */
export const act = defineCaseStage({
  name: "act",
  version: 1,
  module: import.meta.url,
  inputs: ["texts"],
  params: z.object({ meeting: z.string() }),
  outputs: { texts: (id) => `${id}.txt` },
  async run({ id, inputs, params, output, warn }) {
    const text = await readFile(inputs.texts, "utf8");
    await DEEDS[text]?.({ id, meeting: params.meeting, warn });
    await writeFile(join(output, `${id}.txt`), text + text);
  },
});
