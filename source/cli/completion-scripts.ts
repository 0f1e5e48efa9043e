import type { Grammar } from './args/command-line.js';
import type { CommandSpec, FlagSpec } from './command.js';

/** A text in single quotes, fit for bash and zsh. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Every way a flag can be typed, dashes included. */
export const spellings = (flag: FlagSpec): string[] => [`--${flag.name}`, ...(flag.short ? [`-${flag.short}`] : [])];

/** The values that completion offers for a flag. */
export const valuesOf = (flag: FlagSpec): readonly string[] => flag.choices ?? flag.suggest ?? [];

/** The flags that may follow a command; those of the program itself where there is none. */
export const flagsOf = (grammar: Grammar, command: CommandSpec | null): readonly FlagSpec[] => [
  ...(command ? command.flags : grammar.rootFlags),
  ...grammar.globalFlags,
];

/** Every flag there is, each name once: a name means the same kind of flag everywhere. */
export function allFlags(grammar: Grammar): FlagSpec[] {
  const flags = [grammar.rootFlags, grammar.globalFlags, ...grammar.commands.map((each) => each.flags)].flat();
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

/** For ~/.config/fish/completions/noetl-console.fish. */
export function fishCompletion(grammar: Grammar): string {
  const names = grammar.commands.map((each) => each.name).join(' ');
  const none = `not __fish_seen_subcommand_from ${names}`;
  return `${[
    '# fish completion for noetl-console; made from its command table',
    'complete -c noetl-console -f',
    ...grammar.commands.map(
      (each) => `complete -c noetl-console -n ${text(none)} -a ${each.name} -d ${text(each.summary)}`,
    ),
    ...grammar.rootFlags.map((flag) => flagLine(flag, none)),
    ...grammar.globalFlags.map((flag) => flagLine(flag, null)),
    ...grammar.commands.flatMap((each) => {
      const seen = `__fish_seen_subcommand_from ${each.name}`;
      return [
        ...each.flags.map((flag) => flagLine(flag, seen)),
        ...(each.wordChoices
          ? [`complete -c noetl-console -n ${text(seen)} -a ${text(each.wordChoices.join(' '))}`]
          : []),
      ];
    }),
  ].join('\n')}\n`;
}

function flagLine(flag: FlagSpec, condition: string | null): string {
  const parts = ['complete -c noetl-console'];
  if (condition !== null) parts.push(`-n ${text(condition)}`);
  parts.push(`-l ${flag.name}`);
  if (flag.short) parts.push(`-s ${flag.short}`);
  if (flag.kind === 'value') parts.push(flag.file ? '-r -F' : '-x');
  if (flag.complete) parts.push(`-a ${text(`(command noetl-console ${flag.complete} -o name 2>/dev/null)`)}`);
  else if (flag.kind === 'value' && valuesOf(flag).length > 0) parts.push(`-a ${text(valuesOf(flag).join(' '))}`);
  parts.push(`-d ${text(flag.summary)}`);
  return parts.join(' ');
}

/** fish knows two escapes inside single quotes. */
const text = (value: string): string => `'${value.replace(/['\\]/g, '\\$&')}'`;

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
