import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    globalSetup: ['test/helpers/postgres-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
