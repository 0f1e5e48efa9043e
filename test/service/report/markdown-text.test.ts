import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownText } from '../../../source/service/report/report-markdown.js';
import { visibleText } from '../../../source/text/visible-text.js';

describe('text in a Markdown report', () => {
  it.each<[string, string]>([
    ['etl/root', 'etl/root'],
    ['load step', 'load step'],
    ['@everyone look', '`@everyone look`'],
    ['https://evil.example/x', '`https://evil.example/x`'],
    ['www.evil.example', '`www.evil.example`'],
    ['a@evil.example', '`a@evil.example`'],
    ['<img src=x onerror=alert(1)>', '`<img src=x onerror=alert(1)>`'],
    ['[click](javascript:alert(1))', '`[click](javascript:alert(1))`'],
    ['see #123 and GH-5', '`see #123 and GH-5`'],
    ['a|b', '`a`\\|`b`'],
    ['a\\|b', '`a\\`\\|`b`'],
    ['|', '\\|'],
    ['`', '`` ` ``'],
    ['``x` <b>', '``` ``x` <b> ```'],
    ['a\n\n# title', '`a␊␊# title`'],
    ['x\u202ey', '`x\\u{202E}y`'],
    ['', '–'],
  ])('%j becomes %s', (value, shown) => expect(markdownText(value)).toBe(shown));

  it('stands in code spans and nowhere else, whatever it is', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('`', '|', '\\', '@', '<', 'a', ' ', '.', '\n', '1', '\u202e', '/'),
    });
    fc.assert(
      fc.property(hostile, (value) => {
        const shown = markdownText(value);
        // Take the spans out as CommonMark finds them: a run of backticks up to the next one of the same length.
        let rest = '';
        let inside = '';
        for (let text = shown; text !== ''; ) {
          const [fence = ''] = /^`+/.exec(text) ?? [];
          const span =
            fence === ''
              ? null
              : new RegExp(`^${fence}((?:(?!\`)[^]|(?!${fence}(?!\`))\`+)*?)${fence}(?!\`)`).exec(text);
          if (span) inside += span[1];
          else rest += text[0];
          text = text.slice(span ? span[0].length : 1);
        }
        if (/^(?:–|[A-Za-z0-9 /-]*)$/.test(rest) && inside === '') return;
        expect(rest.replaceAll('\\|', '')).toBe('');
        expect(inside).not.toContain('|');
        expect(inside.replaceAll(' ', '')).toBe(visibleText(value).replaceAll('|', '').replaceAll(' ', ''));
      }),
      { numRuns: 2000 },
    );
  });
});
