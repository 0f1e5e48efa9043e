import type { Grammar } from '../args/command-line.js';
import type { CommandSpec, FlagSpec } from '../command.js';
import { allFlags, flagsOf, quoted, spellings, valuesOf } from './shell-syntax.js';

/** Works with bash 3.2 (macOS) and without the bash-completion package. */
export function bashCompletion(grammar: Grammar): string {
  const valued = allFlags(grammar).filter((flag) => flag.kind === 'value');
  const names = grammar.commands.map((each) => each.name);
  const words = (flags: readonly FlagSpec[]) => quoted(flags.flatMap(spellings).join(' '));
  return `# bash completion for noetl-console; made from its command table
_noetl_console_values() {
  case "$1 $2" in
${[...grammar.commands, null].flatMap((command) => valueCases(grammar, command)).join('\n')}
    *) return 1 ;;
  esac
}
_noetl_console() {
  local cur prev word command='' skip='' flags words='' values='' equals=''
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  # --flag=value stands there as three words where = breaks words
  case "$cur" in
    =) cur=''; equals='=' ;;
    --*=*) prev="\${cur%%=*}"; cur="\${cur#*=}"; equals='=' ;;
  esac
  if [ "$prev" = = ]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; equals='='; fi
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [ "$word" = = ]; then skip=1; continue; fi
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$word" in
      ${valued.flatMap(spellings).join('|')}) [ "\${COMP_WORDS[i+1]}" = = ] || skip=1 ;;
      ${names.join('|')}) [ -n "$command" ] || command="$word" ;;
    esac
  done
  if values="$(_noetl_console_values "$command" "$prev$equals")"; then
    case "$values" in
      @files) COMPREPLY=($(compgen -f -- "$cur")) ;;
      @profiles) COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" profiles -o name 2>/dev/null)" -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$values" -- "$cur")) ;;
    esac
    return
  fi
  case "$command" in
${grammar.commands
  .map(
    (command) =>
      `    ${command.name}) flags=${words(flagsOf(grammar, command))}${command.wordChoices ? `; words=${quoted(command.wordChoices.join(' '))}` : ''} ;;`,
  )
  .join('\n')}
    *) flags=${words(flagsOf(grammar, null))}; words=${quoted(['help', ...names].join(' '))} ;;
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _noetl_console noetl-console
`;
}

/**
 * One line for each flag of a command that takes a value: the values, or where they come from. One that may stand alone
 * takes its value behind = only.
 */
function valueCases(grammar: Grammar, command: CommandSpec | null): string[] {
  return flagsOf(grammar, command)
    .filter((flag) => flag.kind === 'value' || (flag.kind === 'optional-value' && valuesOf(flag).length > 0))
    .map((flag) => {
      const forms = flag.kind === 'value' ? ['', '='] : ['='];
      const patterns = spellings(flag).flatMap((spelling) =>
        forms.map((form) => `'${command?.name ?? ''} ${spelling}${form}'`),
      );
      const values = flag.file ? '@files' : flag.complete ? `@${flag.complete}` : valuesOf(flag).join(' ');
      return `    ${patterns.join('|')}) echo ${quoted(values)} ;;`;
    });
}
