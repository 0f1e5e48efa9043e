import type { Grammar } from '../args/command-line.js';
import type { CommandSpec, FlagSpec } from '../command.js';
import { flagsOf, quoted, valuesOf } from './shell-syntax.js';

/** For a file `_noetl-console` in fpath, or `source <(noetl-console completion zsh)`. */
export function zshCompletion(grammar: Grammar): string {
  const commands = grammar.commands.map((each) => quoted(`${each.name}:${each.summary.replaceAll(':', '\\:')}`));
  return `#compdef noetl-console
# zsh completion for noetl-console; made from its command table
_noetl-console() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map((line) => `    ${line}`).join('\n')}
  )
  # -A: behind the command its own flags count, and not the program's of the same name
  _arguments -C -A '-*' \\
${argumentLines(flagsOf(grammar, null))}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $words[1] in
${grammar.commands.map((command) => commandCase(command, grammar)).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _noetl-console ]; then
  _noetl-console "$@"
else
  compdef _noetl-console noetl-console
fi
`;
}

function commandCase(command: CommandSpec, grammar: Grammar): string {
  const words = command.wordChoices ? `'1:word:(${command.wordChoices.join(' ')})'` : "'*: :'";
  return `        ${command.name})
          _arguments \\
${argumentLines(flagsOf(grammar, command), '            ')}
            ${words} ;;`;
}

const argumentLines = (flags: readonly FlagSpec[], indent = '    '): string =>
  flags.flatMap((flag) => argumentsOf(flag).map((line) => `${indent}${quoted(line)} \\`)).join('\n');

/** zsh reads brackets and colons of a description itself. */
function argumentsOf(flag: FlagSpec): string[] {
  const summary = flag.summary.replace(/[[\]:\\]/g, '\\$&');
  const values = valuesOf(flag);
  const value = flag.file
    ? ':_files'
    : flag.complete
      ? `:($(noetl-console ${flag.complete} -o name 2>/dev/null))`
      : values.length > 0
        ? `:(${values.join(' ')})`
        : ':';
  const takes = {
    switch: '',
    value: `:${flag.value ?? 'value'}${value}`,
    'optional-value': `::${flag.value ?? 'value'}${value}`,
  };
  const equals = { switch: '', value: '=', 'optional-value': '=-' }[flag.kind];
  const repeat = flag.multiple ? '*' : '';
  return [
    `${repeat}--${flag.name}${equals}[${summary}]${takes[flag.kind]}`,
    ...(flag.short ? [`${repeat}-${flag.short}[${summary}]${takes[flag.kind]}`] : []),
  ];
}
