/** Writes docs/configuration.md from the registries of settings and variables. */
import { writeFileSync } from 'node:fs';
import { configurationDocument } from './configuration-document.js';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocument());
