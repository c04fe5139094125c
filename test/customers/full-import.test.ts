import { expect, it } from 'vitest'
import { RECORD_TYPES as TYPES, linksOf as typesLinkedTo } from '#subgraphs/customers/domain/kinds.ts'
import { cancelRun } from '#sync/queue.ts'
import { customersBed, ORG, OTHER_ORG, type SimRecord, worker } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from './rows.ts'

const ASSOCIATED = '&associations=companies,contacts,deals,tickets'
/** Known beside the values, or of no use to us: HubSpot's own bookkeeping. */
const isOurs = (name: string): boolean =>
  !['hs_lastmodifieddate', 'lastmodifieddate', 'hs_object_id'].includes(name) && !name.startsWith('hs_')

const saidBy = (record: SimRecord) =>
  Object.fromEntries(
    Object.entries(record.properties).filter(([name, value]) => isOurs(name) && value !== null),
  )

const linksOf = (record: SimRecord, to: string): string[] =>
  [...new Set(record.associations?.[to]?.map(({ id }) => id) ?? [])].sort()

it('imports a portal field by field and link by link, in one request per hundred records', async () => {
  await using bed = await customersBed({ companies: 300 })
  await using _ = worker(bed)
  const run = await bed.sync('FULL')
  expect(run).toMatchObject({ state: 'COMPLETED', failed: 0, total: 2160, done: 2160, created: 2160 })

  for (const type of TYPES) {
    const there = await bed.records(type, ASSOCIATED)
    const here = await rowsOf(bed, type)
    expect(here.size).toBe(there.length)
    for (const record of there) {
      const row = here.get(record.id)!
      const fields = Object.entries(row.properties).filter(([name]) => isOurs(name) && !name.startsWith('@'))
      expect(Object.fromEntries(fields)).toEqual(saidBy(record))
      const ids = (said: unknown) => ((said ?? []) as string[]).map((link) => link.replace('!', '')).sort()
      for (const to of typesLinkedTo(type)) expect(ids(row.properties[`@${to}`])).toEqual(linksOf(record, to))
    }
  }
  const edges = await bed.test.database.read(ORG, (tx) =>
    tx.selectFrom('customers.edges').selectAll().execute(),
  )
  const pairs = (await Promise.all(TYPES.map((type) => bed.records(type, ASSOCIATED)))).flatMap(
    (records, n) =>
      records.flatMap((record) =>
        typesLinkedTo(TYPES[n]!).flatMap((to) =>
          linksOf(record, to).map((id) => `${TYPES[n]} ${record.id} ${to} ${id}`),
        ),
      ),
  )
  expect(edges.map((e) => `${e.from_type} ${e.from_id} ${e.to_type} ${e.to_id}`).sort()).toEqual(pairs.sort())

  // Pages of 100, account, owners (two lists), pipelines, properties and one search per type for its newest change.
  const pages = 3 + 9 + 3 + 2 + 3 + 4
  const { entries } = await bed.journal()
  expect(entries.length).toBeLessThanOrEqual(Math.ceil(1.05 * pages) + 13)
  expect(run.apiCalls).toBe(entries.length)
})

it('takes the same number of statements for a page of ten records as for one of a hundred', async () => {
  const perPage = async (companies: number): Promise<number> => {
    await using bed = await customersBed({ companies })
    // Neither looking for runs nor telling of progress takes part in what is counted, nor what is looked up anew with time.
    const stopped = bed.clock.now()
    const still = { ...bed, clock: { now: () => stopped } }
    const taken: string[] = []
    // How often it looks for runs goes by who wakes it, and when.
    const onStatement = (text: string) =>
      void (/update sync.runs\s+set state = 'RUNNING'/.test(text) || taken.push(text))
    const tuning = { pollMs: 600_000, progressEveryMs: 600_000, leaseMs: 600_000 }
    await using _ = worker(still, { ...tuning, onStatement })
    await bed.sync('FULL')
    return taken.length
  }
  // Both imports have one page per type.
  const [small, large] = [await perPage(10), await perPage(33)]
  expect(small).toBeGreaterThan(100)
  expect(large).toBe(small)
})

it('finds nothing to write when it lists everything again, and writes nothing', async () => {
  await using bed = await customersBed({ companies: 40 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const before = await rowsOf(bed, 'companies')
  const run = await bed.sync('RECONCILE')
  expect(run).toMatchObject({ state: 'COMPLETED', created: 0, updated: 0, deleted: 0, skipped: 288 })
  expect(await rowsOf(bed, 'companies')).toEqual(before)
})

it('keeps what it imports from the eyes of other organisations', async () => {
  await using bed = await customersBed({ companies: 10 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const seen = await bed.database.read(OTHER_ORG, async (tx) => [
    ...(await tx.selectFrom('customers.companies').select('id').execute()),
    ...(await tx.selectFrom('sync.links').select('external_id').execute()),
    ...(await tx.selectFrom('sync.runs').select('id').execute()),
  ])
  expect(seen).toEqual([])
})

it('stops at its next checkpoint when it is cancelled, and keeps what it brought over', async () => {
  await using bed = await customersBed({ companies: 300 })
  await bed.sim('faults', { path: 'objects/contacts.*after', play: { do: 'hold' } })
  await using _ = worker(bed)
  const id = await bed.ask('FULL')
  await until(async () =>
    (await bed.progress(id))?.types.some((each) => each.type === 'companies' && each.done === 300),
  )
  await bed.database.transaction(ORG, (tx) => cancelRun(tx, id, bed.clock))
  await bed.sim('faults', undefined, 'DELETE')
  const run = await bed.ended(id)
  expect(run.state).toBe('CANCELLED')
  expect(run.done).toBeLessThan(2160)
  expect((await rowsOf(bed, 'companies')).size).toBe(300)
  // The next run is a new one.
  expect((await bed.sync('FULL')).state).toBe('COMPLETED')
  expect((await rowsOf(bed, 'contacts')).size).toBe(900)
})
