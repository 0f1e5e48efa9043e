/** Writes docs/keys.md from the keymap: `npx tsx scripts/write-keys.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysDocument } from '../source/ui/shell/keymap-markdown.js';

writeFileSync(join(import.meta.dirname, '..', 'docs', 'keys.md'), keysDocument());
