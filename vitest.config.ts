import { defineConfig } from 'vitest/config'

export default defineConfig({
  // As Node resolves it: Vite would load graphql's ES build beside the CommonJS one Apollo loads, and the two refuse each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: import.meta.resolve('graphql') }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/kit/one-server.ts'],
    pool: 'forks',
    // Two cores, one PostgreSQL: more workers only wait for each other.
    maxWorkers: 2,
    // Nothing is shown by these: a busy machine takes three times as long as an idle one, and what hangs is found all the same.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    // `npm run soak -- random-edits` gives more of them.
    provide: { bothSides: { seeds: [4], edits: 120 } },
    reporters: ['default'],
  },
})
