import type { Grammar } from '../args/command-line.js';
import type { FlagSpec } from '../command.js';
import { allFlags, flagsOf, quoted, spellings } from './shell-syntax.js';

/** Works with bash 3.2 (macOS) and without the bash-completion package. */
export function bashCompletion(grammar: Grammar): string {
  const valued = allFlags(grammar).filter((flag) => flag.kind === 'value');
  const words = (flags: readonly FlagSpec[]) => quoted(flags.flatMap(spellings).join(' '));
  const names = grammar.commands.map((each) => each.name);
  return `# bash completion for noetl-console; made from its command table
_noetl_console() {
  local cur prev word command='' skip='' flags words=''
  cur="\${COMP_WORDS[COMP_CWORD]}"
  prev="\${COMP_WORDS[COMP_CWORD-1]}"
  local i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$word" in
      ${valued.flatMap(spellings).join('|')}) skip=1 ;;
      ${names.join('|')}) [ -n "$command" ] || command="$word" ;;
    esac
  done
  case "$prev" in
${valued
  .filter((flag) => flag.choices)
  .map(
    (flag) => `    ${spellings(flag).join('|')})
      COMPREPLY=($(compgen -W ${quoted(flag.choices!.join(' '))} -- "$cur"))
      return ;;`,
  )
  .join('\n')}
    ${valued
      .filter((flag) => flag.file)
      .flatMap(spellings)
      .join('|')})
      COMPREPLY=($(compgen -f -- "$cur"))
      return ;;
    ${valued
      .filter((flag) => !flag.file && !flag.choices)
      .flatMap(spellings)
      .join('|')})
      return ;;
  esac
  case "$command" in
${grammar.commands
  .map(
    (command) =>
      `    ${command.name}) flags=${words(flagsOf(grammar, command))}${command.wordChoices ? `; words=${quoted(command.wordChoices.join(' '))}` : ''} ;;`,
  )
  .join('\n')}
    *) flags=${words(flagsOf(grammar, null))}; words=${quoted(names.join(' '))} ;;
  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _noetl_console noetl-console
`;
}
