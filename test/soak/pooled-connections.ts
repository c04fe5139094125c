import { join } from 'node:path'
import { startVitest } from 'vitest/node'
import type { Line, Settings } from './run.ts'

const TEST = 'test/database/tenancy.test.ts'

/** Visits two organisations in turn over two pooled connections, many of the visits failing, by the same test that `npm test` runs with fewer. */
export const pooledConnections = async ({ times }: Settings): Promise<Line[]> => {
  const options = {
    config: join(import.meta.dirname, 'pooled-connections.config.ts'),
    watch: false,
    testNamePattern: 'with errors mid-transaction',
    provide: { visits: times },
  }
  // What this command prints may be read by a program.
  const vitest = await startVitest('test', [TEST], options, {}, { stdout: process.stderr })
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()])
  await vitest.close()
  const visits = tests.flatMap((test) => test.meta().visits ?? [])
  return [
    {
      what: 'visits',
      measured: visits[0]?.made ?? 0,
      demanded: `${times}`,
      holds: visits[0]?.made === times,
    },
    {
      ...{ what: 'of them failed mid-transaction', measured: visits[0]?.failed ?? 0 },
      ...{ demanded: 'at least a fifth', holds: (visits[0]?.failed ?? 0) >= times / 5 },
    },
    {
      ...{ what: 'that saw another organisation’s rows', measured: visits[0]?.wrong ?? 'unknown' },
      ...{ demanded: '0', holds: visits[0]?.wrong === 0 },
    },
  ]
}
