import { StringDecoder } from 'node:string_decoder';

/** A recording being made, in asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export type Asciicast = {
  /** What the program wrote, `at` milliseconds after the start. */
  readonly output: (at: number, bytes: Uint8Array) => void;
  /** A chapter that players show and jump to. */
  readonly marker: (at: number, label: string) => void;
  /** The file's text: a header, then one event a line. */
  readonly text: () => string;
  /** Length of the recording as it will be played, in seconds. */
  readonly seconds: () => number;
};

/**
 * @param longestPause seconds; where the program was silent for longer, the recording is shorter than what happened
 */
export function createAsciicast(header: {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly longestPause: number;
}): Asciicast {
  const { columns, rows, title, longestPause } = header;
  // No timestamp: a recording of the same session differs by what happened, not by the day.
  const lines = [JSON.stringify({ version: 2, width: columns, height: rows, title, env: { TERM: 'xterm-256color' } })];
  // Output comes in pieces that can end within a character.
  const decoder = new StringDecoder('utf8');
  let last: number | null = null;
  let time = 0;

  function add(at: number, kind: 'o' | 'm', data: string): void {
    if (last !== null) time += Math.min(Math.max(0, at - last) / 1000, longestPause);
    last = at;
    lines.push(JSON.stringify([Math.round(time * 1000) / 1000, kind, data]));
  }

  return {
    output: (at, bytes) => {
      const text = decoder.write(Buffer.from(bytes));
      if (text !== '') add(at, 'o', text);
    },
    marker: (at, label) => add(at, 'm', label),
    text: () => `${lines.join('\n')}\n`,
    seconds: () => time,
  };
}
