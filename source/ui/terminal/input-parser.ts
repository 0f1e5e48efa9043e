import type { InputEvent } from './input-event.js';
import { characterKey, mouseEvent, namedKey, sequenceKey } from './key-codes.js';

const ESC = '\u001b';
const PASTE_BEGIN = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** CSI: the Linux console's odd form, else parameters, intermediates and a final character. */
const CONTROL_SEQUENCE = /^(?:\[\[([A-E])|\[([0-?]*)[ -/]*([@-~]))/;
const INCOMPLETE_SEQUENCE = /^(?:\[(?:\[|[0-?]*[ -/]*)|O\d*)$/;
/** A sequence that broke off after its first parameter: no key begins like this, so it is dropped. */
const BROKEN_SEQUENCE = /^\[[0-?]+[ -/]*/;
const SINGLE_SHIFT = /^O(\d*)([A-Za-z])/;
/** An operating-system or device report; nothing here asks for one, but it must not come out as keys. */
const REPORT = /^[\]P_^](?=[\d>=|!$])[^\u0007\u001b]*(?:\u0007|\u001b\\)/;
const INCOMPLETE_REPORT = /^[\]P_^][\d>=|!$][^\u0007\u001b]*\u001b?$/;
/** A paste beyond this is cut: far above any reason or filter, far below what would hurt. In UTF-16 units. */
const LONGEST_PASTE = 1_000_000;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function firstCharacter(text: string): string {
  const code = text.charCodeAt(0);
  const next = text.charCodeAt(1);
  // ASCII followed by ASCII cannot be a longer cluster, and CR LF are two keys here.
  if (code < 0x80 && !(next >= 0x80)) return text.charAt(0);
  const [first] = segmenter.segment(text.slice(0, 64));
  return first?.segment ?? text.charAt(0);
}

/** Turns what a terminal sends into events. Text may be split anywhere between calls. */
export type InputParser = {
  /** Takes the next decoded text and answers the events that it completes. */
  readonly push: (text: string) => InputEvent[];
  /** True when the text so far could be the beginning of something longer: call `flush` after a silence. */
  readonly isWaiting: () => boolean;
  /** True between the marks of a bracketed paste. */
  readonly isPasting: () => boolean;
  /** Takes what was waiting as it stands: a lone Esc is the Esc key, a paste without end is a paste. */
  readonly flush: () => InputEvent[];
};

/** A parser in its initial state. */
export function createInputParser(): InputParser {
  let pending = '';
  let paste: string | undefined;

  function takePaste(events: InputEvent[]): boolean {
    const end = pending.indexOf(PASTE_END);
    // The end mark itself may be split, so as much as could be its beginning stays behind.
    const taken = end < 0 ? Math.max(0, pending.length - (PASTE_END.length - 1)) : end;
    paste = ((paste ?? '') + pending.slice(0, taken)).slice(0, LONGEST_PASTE);
    pending = pending.slice(end < 0 ? taken : end + PASTE_END.length);
    if (end >= 0) endPaste(events);
    return end >= 0;
  }

  function endPaste(events: InputEvent[]): void {
    events.push({ kind: 'paste', text: (paste ?? '').replace(/\r\n?/g, '\n') });
    paste = undefined;
  }

  /** Takes one escape sequence off `pending`; false when more text is needed to recognize it. */
  function takeEscape(events: InputEvent[], isFinal: boolean): boolean {
    const rest = pending.slice(1);
    const skip = (length: number) => {
      pending = rest.slice(length);
      return true;
    };
    if (rest === '' || INCOMPLETE_SEQUENCE.test(rest) || INCOMPLETE_REPORT.test(rest)) {
      if (!isFinal) return false;
    }
    const sequence = CONTROL_SEQUENCE.exec(rest);
    if (sequence !== null) {
      const [whole, linux, parameters = '', final = ''] = sequence;
      if (pending.startsWith(PASTE_BEGIN)) {
        paste = '';
        return skip(PASTE_BEGIN.length - 1);
      }
      // The old mouse report carries three raw characters after the final one.
      if (whole === '[M') return rest.length < 5 && !isFinal ? false : skip(5);
      const event =
        linux !== undefined
          ? sequenceKey('[[', '', linux)
          : (mouseEvent(parameters, final) ?? sequenceKey('[', parameters, final));
      if (event !== undefined) events.push(event);
      return skip(whole.length);
    }
    const shifted = SINGLE_SHIFT.exec(rest);
    if (shifted !== null) {
      const event = sequenceKey('O', shifted[1] ? `1;${shifted[1]}` : '', shifted[2] ?? '');
      events.push(event ?? namedKey('O', { meta: true }));
      return skip(event ? shifted[0].length : 1);
    }
    const report = REPORT.exec(rest);
    if (report !== null) return skip(report[0].length);
    const broken = BROKEN_SEQUENCE.exec(rest);
    if (broken !== null) return skip(broken[0].length);
    if (rest === '' || rest.startsWith(ESC)) {
      events.push(namedKey('escape'));
      return skip(0);
    }
    const character = firstCharacter(rest);
    events.push(characterKey(character, true));
    return skip(character.length);
  }

  function parse(isFinal: boolean): InputEvent[] {
    const events: InputEvent[] = [];
    while (pending !== '' || paste !== undefined) {
      if (paste !== undefined) {
        if (!takePaste(events)) break;
      } else if (pending.startsWith(ESC)) {
        if (!takeEscape(events, isFinal)) break;
      } else {
        const character = firstCharacter(pending);
        events.push(characterKey(character));
        pending = pending.slice(character.length);
      }
    }
    return events;
  }

  return {
    push: (text) => {
      pending += text;
      return parse(false);
    },
    isPasting: () => paste !== undefined,
    isWaiting: () => pending !== '' || paste !== undefined,
    flush: () => {
      const events = parse(true);
      if (paste !== undefined) {
        paste += pending;
        pending = '';
        endPaste(events);
      }
      return events;
    },
  };
}
