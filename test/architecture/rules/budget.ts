/**
 * The checks and the tests together stay within two thirds of the half hour after which a run of everything is ended: a machine that is
 * busy with something else still gets through.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { House, Verdict } from '../house.ts'

interface Report {
  startTime: number
  testResults: { name: string; startTime: number; endTime: number }[]
}

/** Where `npm test` leaves its report; ignored by git. */
export const report = '.tributary/tests.json'
const budgetMs = 20 * 60_000
const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`

/** Adds the last run of the tests, when there is one, to what the checks took; slow files are named. */
export const testTime = (house: House, checksMs: number): Verdict => {
  const path = join(house.root, report)
  if (!existsSync(path))
    return { findings: [], note: `checks ${seconds(checksMs)}; the tests have not run here yet` }
  const { startTime, testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report
  const testsMs = Math.max(0, ...testResults.map(({ endTime }) => endTime - startTime))
  const slowest = testResults
    .map(({ name, startTime: from, endTime }) => ({
      name: name.replace(`${house.root}/`, ''),
      ms: endTime - from,
    }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 3)
    .map(({ name, ms }) => `${name} ${seconds(ms)}`)
  const note = `checks ${seconds(checksMs)} + tests ${seconds(testsMs)} of ${seconds(budgetMs)}; slowest ${slowest.join(', ')}`
  return checksMs + testsMs > budgetMs
    ? { findings: [{ where: report, says: note }], note }
    : { findings: [], note }
}
