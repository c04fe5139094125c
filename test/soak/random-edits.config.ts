import { defineConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** What `npm run soak -- random-edits` runs: the same test as `npm test`, with more edits and more seeds. */
export default defineConfig({
  ...usual,
  test: {
    ...usual.test,
    projects: undefined,
    include: ['test/both-sides/*.test.ts'],
    provide: { bothSides: { seeds: [4, 5, 6], edits: 1_000 } },
  },
})
