import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type BenchResult, head, type Machine, section } from './report.js';
import type { BenchMode } from './types.js';

/** When and how a section was measured, as its first line says. */
export interface SectionStamp {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly mode: BenchMode;
}

const STAMP = /^Measured on (\d{4}-\d{2}-\d{2})/m;
const OLD_HEAD = /^Run of (\d{4}-\d{2}-\d{2})/m;
const UNKNOWN_DATE = 'an unknown day';

interface Section {
  readonly title: string;
  readonly date: string;
  readonly text: string;
}

/**
 * The sections of a document that was written before; none where there is no such document. One that does not say when
 * it was measured was measured when the head says, and says so from now on: the head will change.
 */
function sectionsIn(document: string): Map<string, Section> {
  const [top = '', ...parts] = document.split(/^## /m);
  const [, written = UNKNOWN_DATE] = OLD_HEAD.exec(top) ?? [];
  return new Map(
    parts.map((part) => {
      const title = part.slice(0, part.indexOf('\n'));
      const body = part.slice(title.length).trim();
      const date = STAMP.exec(body)?.[1];
      const stamped = date === undefined ? `Measured on ${written}.\n\n${body}` : body;
      return [title, { title, date: date ?? written, text: `## ${title}\n\n${stamped}` }];
    }),
  );
}

/** The last cell of each row of a section's table. */
const verdictsOf = ({ text }: Section): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| measured |'))
    .map((line) => line.slice(0, -1).split(' | ').at(-1)!.trim());

/**
 * The document with the sections of these results replaced, or added in the order of `titles`, and all others as they
 * were; sections whose title is not among `titles` go. The counts at its head are of all sections.
 */
export function withSections(
  document: string,
  results: readonly BenchResult[],
  { titles, machine, stamp }: { titles: readonly string[]; machine: Machine; stamp: SectionStamp },
): string {
  const sections = sectionsIn(document);
  for (const result of results) {
    const text = section(result, stamp).join('\n');
    sections.set(result.title, { title: result.title, date: stamp.date, text });
  }
  const kept = titles.flatMap((title) => sections.get(title) ?? []);
  const verdicts = kept.flatMap(verdictsOf);
  const summary = {
    dates: kept.map(({ date }) => date),
    met: verdicts.filter((verdict) => verdict === 'met').length,
    missed: verdicts.filter((verdict) => verdict.startsWith('missed')).length,
    printed: verdicts.filter((verdict) => verdict === 'printed').length,
  };
  return [...head(summary, machine), ...kept.flatMap(({ text }) => ['', text]), ''].join('\n');
}

/** A file's text; empty where there is none. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Writes a file whole or not at all. */
export function replaceFile(file: string, text: string): void {
  const making = `${file}.making`;
  writeFileSync(making, text);
  renameSync(making, file);
}

/**
 * A document with the lines between `<!-- NAME: … -->` and `<!-- end of NAME -->` replaced.
 * @throws when it has no such place
 */
export function withGenerated(document: string, name: string, lines: readonly string[]): string {
  const place = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
  if (!place.test(document)) throw new Error(`there is no place for ${name}`);
  return document.replace(place, (_, begin: string, end: string) => `${begin}\n${lines.join('\n')}\n\n${end}`);
}
