import type { TaskWords, ValueWords } from "../command_words.ts";

/** Words of `complete` for a value. */
function value({ kind, words }: ValueWords): string {
  switch (kind) {
    case "words":
      return ` -x -a ${quoted(words.join(" "))}`;
    case "folders":
      return " -x -a '(__fish_complete_directories)'";
    case "files":
      return " -r -F";
    case "text":
      return " -x";
  }
}

const quoted = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;

/** Completions for fish: keep it as `~/.config/fish/completions/dfdt.fish`, or source it. */
export function fishCompletions(tasks: readonly TaskWords[]): string {
  const lines = tasks.flatMap(({ name, about, options, values }) => {
    const within = `complete -c dfdt -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c dfdt -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
      ...options.map((option) =>
        `${within} -l ${option.flag.slice(2)}${option.value ? value(option.value) : ""} -d ${quoted(option.about)}`
      ),
      ...values.map((one) => `${within}${value(one).replace(" -r", "").replace(" -x", "")}`).filter((line) =>
        line !== within
      ),
    ];
  });
  return [
    "# Completions of dfdt for fish: keep this as ~/.config/fish/completions/dfdt.fish, or source it",
    "complete -c dfdt -f",
    ...lines,
  ].join("\n");
}
