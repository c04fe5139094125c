import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Line } from './run.ts'

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/soak/random-edits.config.ts']

/** Edits both sides at once a thousand times, for each of three seeds, by the same test that `npm test` runs with fewer. */
export const randomEdits = async (): Promise<Line[]> => {
  const child = spawn(process.execPath, VITEST, { stdio: ['ignore', 2, 'inherit'] })
  const [code] = await once(child, 'exit')
  const what = 'three times 1,000 edits: both sides equal, none lost'
  return [{ what, measured: code === 0 ? 'yes' : 'no', demanded: 'yes', holds: code === 0 }]
}
