import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabases } from '../../bench/draining.ts'
import { compareAll } from '../../bench/equality.ts'
import { openPlace } from '../../bench/hub.ts'
import { waitForRun } from '../../bench/runs.ts'

const RUN = join(import.meta.dirname, '../../bench/run.ts')

interface Report {
  bench: string
  passed: boolean
  bars: { name: string; measured: number | null; bar: number; is: string; passed: boolean | null }[]
  detail: Record<string, unknown>
}

/** Runs a benchmark as `npm run bench` does. @returns its JSON, and whether it ended well */
const bench = (...args: string[]): Promise<{ report: Report; code: number; said: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [RUN, ...args, '--json'],
      { maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) =>
        resolve({
          report: stdout === '' ? ({} as Report) : JSON.parse(stdout),
          code: error ? Number(error.code) : 0,
          said: stderr,
        }),
    )
  })

const barOf = (report: Report, name: string) => report.bars.find((bar) => bar.name === name)

describe('a small benchmark of the import', () => {
  it('compares all that arrived, and says which bars were missed', { timeout: 120_000 }, async () => {
    const { report, code, said } = await bench('import', '--companies', '30', '--only', 'limited')
    expect(report.bench, said).toBe('import')
    const { limited } = report.detail as {
      limited: {
        perType: Record<string, number>
        requests: number
        equality: { types: Record<string, { simulated: number; sampled: number; fieldsCompared: number }> }
      }
    }
    expect(limited.perType).toEqual({
      companies: 30,
      contacts: 90,
      deals: 24,
      tickets: 12,
      tasks: 24,
      notes: 36,
    })
    expect(limited.equality.types.contacts).toMatchObject({ simulated: 90, sampled: 90 })
    expect(limited.equality.types.contacts!.fieldsCompared).toBeGreaterThan(90 * 10)
    for (const kind of ['counts', 'fields', 'associations', 'graph'])
      expect(barOf(report, `with the limit: differences in ${kind}`)).toMatchObject({
        measured: 0,
        passed: true,
      })
    // A portal this small is read in one window: there is no floor, and so nothing that could be passed.
    expect(barOf(report, 'with the limit: wall / floor')).toMatchObject({ measured: null, passed: null })
    expect(code).toBe(report.passed ? 0 : 1)
  })
})

describe('the comparison with the simulator', () => {
  it('notices one changed field, one lost link and one lost record', { timeout: 120_000 }, async () => {
    await using place = await openPlace(20)
    await place.startSimulators()
    const hub = await place.start(['hub', 'customers', 'gateway'])
    await using databases = await openDatabases(place, ['hub', 'customers'])
    await waitForRun(databases.customers, hub)
    await databases.customers.query(
      `update customers.contacts set properties = properties || '{"jobtitle": "Nobody"}'
       where id = (select id from customers.contacts order by id limit 1)`,
    )
    await databases.customers.query(
      `delete from customers.edges where (from_type, from_id, to_id) in
         (select from_type, from_id, to_id from customers.edges where from_type = 'deals' and to_type = 'companies' limit 1)`,
    )
    await databases.customers.query(
      `update customers.tickets set gone_at = valid_from where id = (select id from customers.tickets order by id limit 1)`,
    )
    const { differences } = await compareAll(place)
    expect(differences).toMatchObject({ counts: 1, fields: 1, associations: 1 })
    expect(differences.graph).toBeGreaterThan(0)
  })
})

describe('subscriptions followed by more sockets than one caller has by itself', () => {
  it('deliver every event to every one of them, for as much CPU time as is told', async () => {
    const { report, code } = await bench(
      ...['fanout', '--sockets', '60', '--only', 'completed', '--peer', 'none'],
      ...['--seconds', '1', '--warmup', '0'],
    )
    expect(report.bars.map(({ name, measured, passed }) => [name, measured, passed])).toEqual([
      ['ours / Hive, 60 sockets, completed', null, null],
      ['ours, 60 sockets, completed: lost', 0, true],
    ])
    const { seen } = report.detail as { seen: { deliveries: number }[] }
    for (const { deliveries } of seen) expect(deliveries).toBeGreaterThanOrEqual(60)
    expect(code).toBe(0)
  })
})

describe('what cannot be run', () => {
  it('names the benchmarks there are', async () => {
    const { code, said } = await bench('nonsense')
    expect(code).toBe(1)
    for (const name of ['import', 'policy', 'query', 'start', 'webhook']) expect(said).toContain(name)
  })
})

it('measures advice against markets whose truth is known, and says how far it is off', async () => {
  const { report, code } = await bench(
    ...[
      'recommendations',
      '--cases',
      '40',
      '--histories',
      '60',
      '--parts',
      '10',
      '--cycles',
      '200',
      '--companies',
      '20',
    ],
  )
  expect(report.bars.map(({ name, passed }) => [name, passed])).toEqual(
    report.bars.map(({ name }) => [name, true]),
  )
  expect(barOf(report, 'price intervals that cover the true optimum')!.measured).toBeGreaterThanOrEqual(90)
  expect(barOf(report, 'stand-ins that violate a hard parameter')!.measured).toBe(0)
  expect(code).toBe(0)
})
