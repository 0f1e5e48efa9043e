import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/helpers/longest-first.js';

/** Tests of what neither reads nor writes anything: they need no database. */
const PURE = ['test/domain/**/*.test.ts', 'test/text/**/*.test.ts', 'test/architecture.test.ts', 'test/deploy.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for a database, a process or a terminal: as many workers as cores would leave the cores idle.
    maxWorkers: 4,
    // A file leaves nothing behind in its process: to load Ink, React and the driver anew for each took half of the work.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Ink paints nothing where these say CI.
    env: { CI: 'false', CONTINUOUS_INTEGRATION: 'false' },
    projects: [
      { extends: true, test: { name: 'pure', include: PURE } },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: PURE,
          globalSetup: ['test/helpers/postgres-server.ts'],
        },
      },
    ],
  },
});
