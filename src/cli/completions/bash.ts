import type { TaskWords, ValueWords } from "../command_words.ts";

/** What completes a value that begins with `$current`. */
function generate({ kind, words }: ValueWords): string {
  switch (kind) {
    case "words":
      return `_dfdt_words '${words.join(" ")}'`;
    case "folders":
      return "_dfdt_paths -d";
    case "files":
      return "_dfdt_paths -f";
    case "text":
      return ":";
  }
}

/** Completions for bash, 3.2 too: `source` it, or keep it where bash-completion looks. */
export function bashCompletions(tasks: readonly TaskWords[]): string {
  const optionCases = tasks.flatMap(({ name, options }) =>
    options.flatMap(({ flag, value }) => value ? [`    "${name} ${flag}") ${generate(value)}; return ;;`] : [])
  );
  const taskCases = tasks.flatMap(({ name, options, values }) => {
    const positional = values.map((value, i) => `${value.repeats ? "*" : i + 1}) ${generate(value)} ;;`);
    return [
      `    ${name})`,
      `      case $current in -*) _dfdt_words '${options.map(({ flag }) => flag).join(" ")}'; return ;; esac`,
      ...(positional.length > 0 ? [`      case $place in ${positional.join(" ")} esac ;;`] : ["      ;;"]),
    ];
  });
  const valued = tasks.map(({ name, options }) =>
    `    ${name}) valued=' ${options.filter(({ value }) => value).map(({ flag }) => flag).join(" ")} ' ;;`
  );
  return `# Completions of dfdt for bash: put this file where bash-completion looks, or source it
_dfdt_words() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
_dfdt_paths() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$1" -- "$current"))
  compopt -o filenames 2>/dev/null
}
_dfdt() {
  local current=\${COMP_WORDS[COMP_CWORD]} task=\${COMP_WORDS[1]} place=1 valued='' i
  COMPREPLY=()
  if [ "$COMP_CWORD" -le 1 ]; then
    _dfdt_words '${tasks.map(({ name }) => name).join(" ")}'
    return
  fi
  case "$task \${COMP_WORDS[COMP_CWORD - 1]}" in
${optionCases.join("\n")}
  esac
  case $task in
${valued.join("\n")}
  esac
  for ((i = 2; i < COMP_CWORD; i++)); do # how many arguments stand before this one
    case \${COMP_WORDS[i]} in
      -*) case $valued in *" \${COMP_WORDS[i]} "*) ((i++)) ;; esac ;;
      *) ((place++)) ;;
    esac
  done
  case $task in
${taskCases.join("\n")}
  esac
}
complete -F _dfdt dfdt`;
}
