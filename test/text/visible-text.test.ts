import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isVisible, visibleJson, visibleText } from '../../source/text/visible-text.js';

describe('visibleText', () => {
  it.each<[string, string, string]>([
    ['a colour', '\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['a title', '\u001b]0;owned\u0007', '␛]0;owned␇'],
    ['line ends and tabs', 'a\r\n\tb', 'a␍␊␉b'],
    ['NUL and DEL', '\u0000\u007f', '␀␡'],
    ['a C1 control', '\u009b31m', '\\u{9B}31m'],
    ['a right-to-left override', 'a\u202egnp.exe', 'a\\u{202E}gnp.exe'],
    ['bidi isolates', '\u2066x\u2069', '\\u{2066}x\\u{2069}'],
    ['zero-width marks', 'a\u200bb\u200dc\ufeff', 'a\\u{200B}b\\u{200D}c\\u{FEFF}'],
    ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['a lone high surrogate', 'a\ud800b', 'a\\u{D800}b'],
    ['a lone low surrogate', '\udc00', '\\u{DC00}'],
    ['a private character of the last plane', '\u{100001}', '\\u{100001}'],
    ['tag characters', '\u{e0041}', '\\u{E0041}'],
  ])('shows %s', (_, text, shown) => expect(visibleText(text)).toBe(shown));

  it.each(['', 'plain', 'Grüße, 世界 📦', 'e\u0301', 'שלום', '␛'])('leaves %j as it is', (text) => {
    expect(visibleText(text)).toBe(text);
  });

  it('leaves nothing that a terminal would obey, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visibleText(text);
        return isVisible(shown) && visibleText(shown) === shown && !/[\u0000-\u001f\u007f-\u009f]/.test(shown);
      }),
    );
  });
});

describe('visibleJson', () => {
  it('is the same value for a reader, and nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const json = visibleJson({ text });
        return isVisible(json) && JSON.parse(json).text === text;
      }),
    );
    expect(visibleJson('\u009b31m\u{e0041}')).toBe('"\\u009b31m\\udb40\\udc41"');
  });
});
