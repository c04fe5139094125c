import { join } from 'node:path'
import type { TestCase } from 'vitest/node'
import { startVitest } from 'vitest/node'
import type { Wanted } from '#test/agreement/run.ts'
import type { Line, Settings } from './run.ts'

const TEST = 'test/agreement/random-facts.test.ts'

/** Lets an organisation live through tens of thousands of random facts, by the same test that `npm test` runs with fewer, once for each seed. */
export const randomFacts = async ({ events, times, seeds, companies }: Settings): Promise<Line[]> => {
  const wanted = seeds.map(
    (seed): Wanted => ({
      seed,
      events,
      kills: times,
      customers: companies,
      rests: 30,
      checks: 4,
      withdrawals: 10,
      isLong: true,
    }),
  )
  const options = {
    config: join(import.meta.dirname, 'random-facts.config.ts'),
    watch: false,
    provide: { randomFacts: wanted },
  }
  // What this command prints may be read by a program.
  const vitest = await startVitest('test', [TEST], options, {}, { stdout: process.stderr })
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  await vitest.close()
  return tests.flatMap((test, n) => linesOf(test, wanted[n]!.seed))
}

const linesOf = (test: TestCase, seed: number): Line[] => {
  const { state } = test.result()
  const isSame: Line = {
    ...{ what: `seed ${seed}: the same from nothing, and told so`, measured: state, demanded: 'passed' },
    holds: state === 'passed',
  }
  const figures = Object.entries(test.meta().figures ?? {}).map(
    ([what, measured]): Line => ({ what: `seed ${seed}: ${what}`, measured, ...demandOf(what, measured) }),
  )
  return [...figures, isSame]
}

const demandOf = (what: string, measured: number): Pick<Line, 'demanded' | 'holds'> =>
  what === 'differences' ? { demanded: '0', holds: measured === 0 } : { demanded: 'reported', holds: true }
