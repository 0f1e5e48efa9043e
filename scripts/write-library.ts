/** Writes docs/library.md from the docstrings of the library. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emitTypes, libraryDocument } from './library-document.js';

const types = mkdtempSync(join(tmpdir(), 'noetl-console-types-'));
try {
  emitTypes(types);
  writeFileSync(new URL('../docs/library.md', import.meta.url), libraryDocument(types));
} finally {
  rmSync(types, { recursive: true, force: true });
}
