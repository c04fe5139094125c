import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Line, Settings } from './run.ts'

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/soak/random-edits.config.ts']

/** By the other system's name. */
const TESTS: Readonly<Record<string, string>> = {
  hubspot: 'test/both-sides/random-edits.test.ts',
  c3: 'test/both-sides/c3.test.ts',
}

/** Edits both sides at once a thousand times, for each of three seeds, by the same tests that `npm test` runs with fewer. */
export const randomEdits = async ({ vendor }: Settings): Promise<Line[]> => {
  const tests = vendor === undefined ? Object.values(TESTS) : [TESTS[vendor] ?? `no test of ${vendor}`]
  const child = spawn(process.execPath, [...VITEST, ...tests], { stdio: ['ignore', 2, 'inherit'] })
  const [code] = await once(child, 'exit')
  const what = `three times 1,000 edits (${vendor ?? Object.keys(TESTS).join(', ')}): both sides equal, none lost`
  return [{ what, measured: code === 0 ? 'yes' : 'no', demanded: 'yes', holds: code === 0 }]
}
