import { defineConfig } from 'vitest/config';

/** Tests of what neither reads nor writes anything: they need no database. */
const PURE = ['test/domain/**/*.test.ts', 'test/text/**/*.test.ts', 'test/architecture.test.ts', 'test/deploy.test.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for a database, a process or a terminal: two workers left two cores idle for a third of the time.
    maxWorkers: 3,
    // Ink paints nothing where these say CI.
    env: { CI: 'false', CONTINUOUS_INTEGRATION: 'false' },
    projects: [
      {
        extends: true,
        // Nothing is left behind in a process by what reads and writes nothing: no module need be loaded twice.
        test: { name: 'pure', include: PURE, isolate: false },
      },
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
