import { defineConfig } from 'vitest/config'
import usual from '../../vitest.config.ts'

/** What `npm run soak -- pooled-connections` runs: the same test as `npm test`, with more visits. */
export default defineConfig({
  ...usual,
  test: { ...usual.test, projects: undefined, include: ['test/database/tenancy.test.ts'], maxWorkers: 1 },
})
