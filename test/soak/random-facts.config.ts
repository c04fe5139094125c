import { defineConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** What `npm run soak -- random-facts` runs: the same test as `npm test`, with more facts, more kills and other seeds. */
export default defineConfig({
  ...usual,
  test: { ...usual.test, projects: undefined, include: ['test/agreement/*.test.ts'], maxWorkers: 1 },
})
