import assert from "node:assert/strict";
import { needs } from "../../src/testing/needs.ts";
import { run } from "../pipeline/command_line.ts";

const dir = await Deno.makeTempDir();
globalThis.addEventListener("unload", () => Deno.removeSync(dir, { recursive: true }));

/** Writes the completions of a shell and returns their path. */
async function written(shell: string): Promise<string> {
  const { code, stdout, stderr } = await run("completions", shell);
  assert.equal(code, 0, stderr);
  const path = `${dir}/${shell}`;
  await Deno.writeTextFile(path, stdout);
  await Deno.mkdir(`${dir}/data/a set`, { recursive: true });
  await Deno.writeTextFile(`${dir}/data/a file`, "");
  return path;
}

async function output(command: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(command, { args, cwd: dir }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout);
}

/** What stands before the cursor, and what every shell offers for it. */
const EXPECTED: [line: string, offered: string[]][] = [
  ["dfdt pip", ["pipeline"]],
  ["./dfdt pipeline ", ["chaost2", "cmr", "custom", "phantom", "sabs"]],
  ["dfdt pipeline --seed 3 sa", ["sabs"]],
  ["dfdt pipeline sabs --preset ", ["laptop", "paper", "tiny"]],
  ["dfdt pipeline sabs --dr", ["--dry-run"]],
  ["dfdt pipeline custom --data data/", ["data/a set"]],
  ["dfdt inspect data/", ["data/a file", "data/a set"]],
  ["dfdt pipeline sabs --seed ", []],
];

Deno.test("completions bash complete tasks, arguments, options and their values", async () => {
  const script = await written("bash");
  for (const [line, offered] of EXPECTED) {
    const program = `source "$1"; COMP_WORDS=(${line}${line.endsWith(" ") ? '""' : ""}); ` +
      'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dfdt; printf "%s\\n" "${COMPREPLY[@]}"';
    const found = (await output("bash", ["-c", program, "bash", script])).split("\n").filter((word) => word !== "");
    assert.deepEqual(found.sort(), offered, line);
  }
});

needs("fish").test("completions fish complete tasks, arguments, options and their values", async () => {
  const script = await written("fish");
  for (const [line, offered] of EXPECTED) {
    const text = await output("fish", ["--no-config", "-c", 'source $argv[1]; complete -C "$argv[2]"', script, line]);
    const found = text.split("\n").filter((word) => word !== "").map((word) => word.split("\t")[0].replace(/\/$/, ""));
    assert.deepEqual(found.sort(), offered, line);
  }
});

/** Types a line into an interactive zsh, presses the tabulator twice and prints what the terminal shows. */
const ZSH = `
zmodload zsh/zpty
zpty z COLUMNS=200 zsh -f -i
zpty -w z "PS1=; unsetopt zle_bracketed_paste prompt_cr; autoload -Uz compinit; compinit -D -u; source $1; "\\
"zstyle ':completion:*' verbose no; setopt nobeep; echo REA''DY"
zpty -r z out '*READY*'
zpty -n -w z "$2"$'\\t\\t'
for i in {1..15}; do sleep 0.1; while zpty -r -t z out; do print -rn -- "$out"; done; done
zpty -d z`;

needs("zsh").test("completions zsh complete tasks, arguments and values of options", async () => {
  const script = await written("zsh");
  for (const [line, offered] of EXPECTED.filter(([line]) => /pip$|pipeline $|--preset $/.test(line))) {
    const text = await output("zsh", ["-f", "-c", ZSH, "zsh", script, line]);
    for (const word of offered) assert.ok(text.includes(word), `${line}: ${word} in ${JSON.stringify(text)}`);
  }
});
