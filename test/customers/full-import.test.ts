import { expect, it } from 'vitest'
import { cancelRun } from '#sync/queue.ts'
import { customersBed, ORG, OTHER_ORG, type SimRecord, worker } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from './rows.ts'

const TYPES = ['companies', 'contacts', 'deals', 'tickets'] as const
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
  expect(run).toMatchObject({ state: 'COMPLETED', failed: 0, total: 1560, done: 1560, created: 1560 })

  for (const type of TYPES) {
    const there = await bed.records(type, '&associations=companies,contacts')
    const here = await rowsOf(bed, type)
    expect(here.size).toBe(there.length)
    for (const record of there) {
      const row = here.get(record.id)!
      const { '@companies': companies, '@contacts': contacts, ...fields } = row.properties
      expect(Object.fromEntries(Object.entries(fields).filter(([name]) => isOurs(name)))).toEqual(
        saidBy(record),
      )
      const ids = (said: unknown) => ((said ?? []) as string[]).map((link) => link.replace('!', '')).sort()
      if (type !== 'companies') expect(ids(companies)).toEqual(linksOf(record, 'companies'))
      if (type === 'deals' || type === 'tickets') expect(ids(contacts)).toEqual(linksOf(record, 'contacts'))
    }
  }
  const edges = await bed.test.database.read(ORG, (tx) =>
    tx.selectFrom('customers.edges').selectAll().execute(),
  )
  const pairs = (
    await Promise.all(TYPES.map((type) => bed.records(type, '&associations=companies,contacts')))
  ).flatMap((records, n) =>
    records.flatMap((record) =>
      (TYPES[n] === 'companies'
        ? []
        : TYPES[n] === 'contacts'
          ? ['companies']
          : ['companies', 'contacts']
      ).flatMap((to) => linksOf(record, to).map((id) => `${TYPES[n]} ${record.id} ${to} ${id}`)),
    ),
  )
  expect(edges.map((e) => `${e.from_type} ${e.from_id} ${e.to_type} ${e.to_id}`).sort()).toEqual(pairs.sort())

  // Pages of 100, account, owners (two lists), pipelines, properties and one search per type for its newest change.
  const pages = 3 + 9 + 3 + 2
  const { entries } = await bed.journal()
  expect(entries.length).toBeLessThanOrEqual(Math.ceil(1.05 * pages) + 13)
  expect(run.apiCalls).toBe(entries.length)
})

it('takes the same number of statements for a page of ten records as for one of a hundred', async () => {
  const perPage = async (companies: number): Promise<number> => {
    await using bed = await customersBed({ companies })
    // Neither looking for runs nor telling of progress takes part in what is counted.
    await using hand = worker(bed, { pollMs: 600_000, progressEveryMs: 600_000, leaseMs: 600_000 })
    await bed.sync('FULL')
    return hand.database.statements
  }
  // Both imports have one page per type.
  const [small, large] = [await perPage(10), await perPage(33)]
  expect(large).toBe(small)
})

it('finds nothing to write when it lists everything again, and writes nothing', async () => {
  await using bed = await customersBed({ companies: 40 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const before = await rowsOf(bed, 'companies')
  const run = await bed.sync('RECONCILE')
  expect(run).toMatchObject({ state: 'COMPLETED', created: 0, updated: 0, deleted: 0, skipped: 208 })
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
  await bed.sim('faults', { list: [{ path: 'objects/contacts.*after', play: { do: 'delay', ms: 150 } }] })
  await using _ = worker(bed)
  const id = await bed.ask('FULL')
  await until(async () =>
    (await bed.progress(id))?.types.some((each) => each.type === 'companies' && each.done === 300),
  )
  await bed.database.transaction(ORG, (tx) => cancelRun(tx, id, bed.clock))
  const run = await bed.ended(id)
  expect(run.state).toBe('CANCELLED')
  expect(run.done).toBeLessThan(1560)
  expect((await rowsOf(bed, 'companies')).size).toBe(300)
  // The next run is a new one.
  expect((await bed.sync('FULL')).state).toBe('COMPLETED')
  expect((await rowsOf(bed, 'contacts')).size).toBe(900)
})
