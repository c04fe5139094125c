import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const all = ['test/**/*.test.ts']
/** Files that measure the process they run in, or what it has counted: it is new for them. */
const measuring = [
  'test/gateway/limits.test.ts',
  'test/telemetry/measures.test.ts',
  'test/webhooks/storms.test.ts',
]

export default defineConfig({
  // As Node resolves it: Vite would load graphql's ES build beside the CommonJS one Apollo loads, and the two refuse each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: import.meta.resolve('graphql') }] },
  test: {
    globalSetup: ['test/kit/one-server.ts'],
    pool: 'forks',
    // Two cores, one PostgreSQL: more workers only wait for each other.
    maxWorkers: 2,
    // Nothing is shown by these: a busy machine takes three times as long as an idle one, and what hangs is found all the same.
    testTimeout: 240_000,
    hookTimeout: 300_000,
    // Processes that tests start read what was compiled before, where main.ts keeps it, instead of stripping types and compiling anew.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
    // `npm run soak` gives more of them.
    provide: {
      visits: 2_000,
      bothSides: { seeds: [4], edits: 120 },
      randomFacts: [{ seed: 1, events: 500, kills: 1, customers: 24, rests: 2, checks: 1, withdrawals: 1 }],
    },
    reporters: ['default'],
    projects: [
      // To load the hub takes longer than most files then take for their tests: two processes load it once and run file after file.
      // A module's own state stays from one file to the next: what a file changes of it, it must not count on.
      { extends: true, test: { name: 'together', include: all, exclude: measuring, isolate: false } },
      { extends: true, test: { name: 'alone', include: measuring } },
    ],
  },
})
