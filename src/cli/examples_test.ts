import assert from "node:assert/strict";
import { commandWords } from "./command_words.ts";
import { EXAMPLES, examplesHelp } from "./examples.ts";
import { TASKS } from "./main.ts";

Deno.test("examplesHelp() has examples for every task, with options that it has", async () => {
  for (const { name, options, values } of await commandWords(TASKS)) {
    assert.match(examplesHelp(name), new RegExp(`\\n  \\./dfdt ${name}`), name);
    for (const [args] of EXAMPLES[name]) {
      const [typed] = args.split(">");
      const flags = typed.match(/--[a-z-]+/g) ?? [];
      const known = options.map(({ flag }) => flag);
      for (const flag of flags) assert.ok(known.includes(flag), `${name} ${flag}: expected one of ${known.join(" ")}`);
      const takesWords = values[0]?.kind === "words" ? values[0].words : undefined;
      const [first] = typed.trim().split(" ");
      if (takesWords && first && !first.startsWith("-")) assert.ok(takesWords.includes(first), `${name} ${first}`);
    }
  }
});
