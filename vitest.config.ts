import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/helpers/postgres-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Most tests wait for a database or a terminal, so two workers keep two cores busy.
    maxWorkers: 2,
    // Ink paints nothing where these say CI.
    env: { CI: 'false', CONTINUOUS_INTEGRATION: 'false' },
  },
});
