import type { TaskWords, ValueWords } from "../command_words.ts";

/** What completes a value, as `_arguments` wants it. */
function action({ kind, words }: ValueWords): string {
  switch (kind) {
    case "words":
      return `(${words.join(" ")})`;
    case "folders":
      return "_files -/";
    case "files":
      return "_files";
    case "text":
      return " ";
  }
}

/** A text within single quotes and within the brackets of a specification. */
const quoted = (text: string) => text.replace(/[\\[\]:]/g, "\\$&").replaceAll("'", "'\\''");

/** Completions for zsh: keep it as `_dfdt` in a folder of `$fpath`, or source it after `compinit`. */
export function zshCompletions(tasks: readonly TaskWords[]): string {
  const cases = tasks.map(({ name, options, values }) => {
    const specifications = [
      ...options.map(({ flag, about, value, repeats }) =>
        `${repeats ? "*" : ""}${flag}[${quoted(about)}]${value ? `:${quoted(value.name)}:${action(value)}` : ""}`
      ),
      ...values.map((value) => `${value.repeats ? "*" : ""}:${quoted(value.name)}:${action(value)}`),
    ];
    return `        ${name}) _arguments ${specifications.map((one) => `'${one}'`).join(" \\\n          ")} ;;`;
  });
  return `#compdef dfdt
# Completions of dfdt for zsh: keep this as _dfdt in a folder of $fpath, or source it after compinit
_dfdt() {
  local state line
  local -a tasks=(
${tasks.map(({ name, about }) => `    '${name}:${quoted(about)}'`).join("\n")}
  )
  _arguments -C '1:task:->task' '*::argument:->arguments'
  case $state in
    task) _describe task tasks ;;
    arguments)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _dfdt ]; then _dfdt "$@"; else compdef _dfdt dfdt; fi`;
}
