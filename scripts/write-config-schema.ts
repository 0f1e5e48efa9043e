/** Writes the JSON Schema of config.yaml, which ships with the package for editors. */
import { writeFileSync } from 'node:fs';
import { configJsonSchema } from './config-json-schema.js';

writeFileSync(new URL('../config.schema.json', import.meta.url), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
