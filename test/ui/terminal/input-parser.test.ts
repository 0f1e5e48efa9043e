import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InputEvent, keyId } from '../../../source/ui/terminal/input-event.js';
import { createInputParser } from '../../../source/ui/terminal/input-parser.js';
import { keyBytes, mouseBytes, pasteBytes } from '../../terminal/key-bytes.js';

function words(events: readonly InputEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === 'key') return keyId(event);
    return event.kind === 'paste' ? `paste:${event.text}` : `${event.action}:${event.x},${event.y}`;
  });
}

function parse(...chunks: string[]): string[] {
  const parser = createInputParser();
  return words([...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.flush()]);
}

const KEYS = [
  ...['up', 'down', 'left', 'right', 'home', 'end', 'insert', 'delete', 'pageup', 'pagedown', 'f1', 'f4', 'f5'],
  ...['enter', 'tab', 'shift-tab', 'backspace', 'space', 'a', 'G', '?', 'é', '한', '👍🏽', 'ctrl-a', 'ctrl-z', 'alt-x'],
];

describe('what a terminal sends', () => {
  it.each(KEYS)('%s', (key) => {
    expect(parse(keyBytes(key))).toEqual([key]);
  });

  it.each([
    ['\u001b[1;5C', 'ctrl-right'],
    ['\u001b[1;2A', 'shift-up'],
    ['\u001b[1;3H', 'alt-home'],
    ['\u001b[3;5~', 'ctrl-delete'],
    ['\u001bOA', 'up'],
    ['\u001bOH', 'home'],
    ['\u001b[7~', 'home'],
    ['\u001b[8~', 'end'],
    ['\u001b[[A', 'f1'],
    ['\u001b[11~', 'f1'],
    ['\u001b[24~', 'f12'],
    ['\u0008', 'backspace'],
    ['\u0000', 'ctrl-space'],
    ['\u001f', 'ctrl-_'],
    ['\u001b\u007f', 'alt-backspace'],
    ['\u001bO', 'alt-O'],
    ['\u001b[', 'alt-['],
    ['\u001b[99;5u', 'ctrl-c'],
    ['\u001b[27u', 'escape'],
    ['\u001b[27;5;106~', 'ctrl-j'],
    ['\u001b\u001b[A', 'escape up'],
  ])('%j is %s', (bytes, keys) => {
    expect(parse(bytes)).toEqual(keys.split(' '));
  });

  it('several keys in one read are several events', () => {
    expect(parse('jj\u001b[B\u001b[BqG')).toEqual(['j', 'j', 'down', 'down', 'q', 'G']);
  });

  it('text is only what would be typed', () => {
    const events = createInputParser().push('a\u001bx\u0001 \r');
    expect(events.map((event) => (event.kind === 'key' ? event.text : undefined))).toEqual(['a', '', '', ' ', '']);
  });
});

describe('a lone escape', () => {
  it('waits, then is the Esc key', () => {
    const parser = createInputParser();
    expect(parser.push('\u001b')).toEqual([]);
    expect(parser.isWaiting()).toBe(true);
    expect(words(parser.flush())).toEqual(['escape']);
    expect(parser.isWaiting()).toBe(false);
  });

  it('begins a sequence when the rest comes in time', () => {
    expect(parse('\u001b', '[', '1;5', 'C', 'x')).toEqual(['ctrl-right', 'x']);
  });

  it('does not leak the parts of a sequence that broke off', () => {
    expect(parse('\u001b[1;')).toEqual([]);
  });
});

describe('paste', () => {
  it('is one event, with line ends made one', () => {
    expect(parse(pasteBytes('a\r\nb\rc\nq'))).toEqual(['paste:a\nb\nc\nq']);
  });

  it('holds escape sequences without obeying them', () => {
    expect(parse(pasteBytes('\u001b[A\u0003'))).toEqual(['paste:\u001b[A\u0003']);
  });

  it('whose end is lost ends at the silence, and keys work again', () => {
    const parser = createInputParser();
    expect(parser.push('\u001b[200~half')).toEqual([]);
    expect(parser.isPasting()).toBe(true);
    expect(words(parser.flush())).toEqual(['paste:half']);
    expect(words(parser.push('q'))).toEqual(['q']);
  });

  it('without end and without bound is cut', () => {
    const parser = createInputParser();
    parser.push('\u001b[200~');
    for (let part = 0; part < 20; part++) parser.push('x'.repeat(100_000));
    const [event] = parser.push('\u001b[201~');
    expect(event).toMatchObject({ kind: 'paste', text: 'x'.repeat(1_000_000) });
  });
});

describe('mouse', () => {
  it('presses and wheel count cells from 0', () => {
    expect(parse(mouseBytes('press', 0, 0), mouseBytes('wheel-up', 222, 50))).toEqual(['press:0,0', 'wheel-up:222,50']);
  });

  it('releases, motion, sideways wheels and the old form are no events', () => {
    expect(parse('\u001b[<0;1;1m', '\u001b[<32;1;1M', '\u001b[<66;1;1M', '\u001b[M !!', 'x')).toEqual(['x']);
  });
});

describe('reports that nobody asked for', () => {
  it.each(['\u001b[?1;2c', '\u001b[?2026;2$y', '\u001b]11;rgb:0/0/0\u0007', '\u001bP1+r\u001b\\', '\u001b[I'])(
    '%j',
    (report) => {
      expect(parse(report, 'x')).toEqual(['x']);
    },
  );
});

describe('however the reads fall', () => {
  const piece = fc.oneof(
    fc.constantFrom(...KEYS.filter((key) => /^[ -~]+$/.test(key)).map(keyBytes)),
    fc.string({ maxLength: 20 }).map((text) => pasteBytes(text.replaceAll('\u001b', '').replaceAll('\r', ''))),
    fc.tuple(fc.nat(300), fc.nat(100)).map(([x, y]) => mouseBytes('press', x, y)),
  );

  it('the events are the same', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(400), { maxLength: 12 }), (pieces, cuts) => {
        const bytes = pieces.join('');
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
        const chunks = [0, ...places].map((start, index) => bytes.slice(start, places[index] ?? bytes.length));
        expect(parse(...chunks)).toEqual(parse(bytes));
      }),
    );
  });

  it('nothing makes it throw, loop or wait for ever', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 5 }), (chunks) => {
        const parser = createInputParser();
        for (const chunk of chunks) parser.push(`\u001b${chunk}`);
        parser.flush();
        expect(parser.isWaiting()).toBe(false);
      }),
    );
  });
});
