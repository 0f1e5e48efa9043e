import { toJsonSchema } from '@valibot/to-json-schema';
import { configSchema } from '../source/cli/config/config-schema.js';

/** The JSON Schema of config.yaml. What it cannot say (that a duration can be read) the program checks. */
export const configJsonSchema = (): Record<string, unknown> => ({
  ...toJsonSchema(configSchema, { errorMode: 'ignore' }),
  title: "noetl-console's config.yaml",
});
