import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { advanceBulk } from '#subgraphs/customers/commands/advance-bulk.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { runBulkJobs } from '#subgraphs/customers/jobs/run-bulk.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { ORG, OTHER_ORG, TEST_KEY } from '../kit/customers.ts'
import { principal, startWith } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { type WritingBed, writingBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: WritingBed
beforeAll(async () => {
  bed = stack.use(await writingBed({ companies: 100 }))
})
afterAll(() => stack.disposeAsync())

const ANSWER =
  '__typename ... on BulkStarted { job { id state total done } } ... on Invalid { field message } ... on Refusal { code }'
const make = (records: object[], key?: string) =>
  bed.write(
    `mutation ($records: [BulkSetInput!]!, $key: String) { bulkCreate(records: $records, idempotencyKey: $key) { ${ANSWER} } }`,
    { records, key },
  )
const change = (select: object, set: object, caller?: ReturnType<typeof principal>) =>
  bed.write(
    `mutation ($select: BulkSelectionInput!, $set: BulkSetInput!) { bulkUpdate(select: $select, set: $set) { ${ANSWER} } }`,
    { select, set },
    caller,
  )
const job = async (id: string) =>
  (
    await bed.ask(
      `query ($id: ID!) { bulkJob(id: $id) { state total done written unchanged refused finishedAt
      outcomes(first: 200, result: REFUSED) { nodes { position recordId field code message } } } }`,
      { id },
    )
  ).bulkJob
const work = (jobId: string) =>
  runBulkJobs.run(
    { orgId: ORG, jobId },
    { database: bed.database as never, clock: bed.clock, published: () => undefined },
    { id: 'one', number: 1, signal: new AbortController().signal },
  )
const advance = (jobId: string, after: () => void = () => undefined) =>
  bed.database.transaction(ORG, async (tx) => {
    const isMore = await advanceBulk(tx, { orgId: ORG, clock: bed.clock, changeRecords }, jobId)
    after()
    return isMore
  })
const counted = async (where: ReturnType<typeof sql>) =>
  (
    await bed.rows<{ n: number }>(sql`select count(*)::integer as n from customers.contacts where ${where}`)
  )[0]?.n

it('makes a thousand people once, though it is sent twice, killed in the middle and done by two at once, and tells what became of each', async () => {
  const records = Array.from({ length: 1000 }, (_, n) => ({
    contact:
      n === 7
        ? { email: 'no address' }
        : n === 8
          ? { email: 'p6@bulk.example' }
          : { email: `p${n}@bulk.example`, lastName: `P${n}` },
  }))
  const begun = await make(records, 'thousand')
  expect(begun).toMatchObject({ __typename: 'BulkStarted', job: { state: 'QUEUED', total: 1000, done: 0 } })
  expect((await make(records, 'thousand')).job.id).toBe(begun.job.id)
  const { id } = begun.job
  expect(await advance(id)).toBe(true)
  await expect(
    advance(id, () => {
      throw new Error('killed')
    }),
  ).rejects.toThrow('killed')
  expect(await job(id)).toMatchObject({
    state: 'RUNNING',
    done: 200,
    written: 198,
    refused: 2,
    finishedAt: null,
  })
  await Promise.all([work(id), work(id)])
  await work(id)
  const done = await job(id)
  expect(done).toMatchObject({ state: 'COMPLETED', done: 1000, written: 998, unchanged: 0, refused: 2 })
  expect(done.outcomes.nodes).toMatchObject([
    { position: 7, recordId: null, field: 'email', code: 'INVALID' },
    { position: 8, recordId: null, code: 'TWICE' },
  ])
  expect(await counted(sql`email like '%@bulk.example'`)).toBe(998)
  // What they were to say is kept nowhere else.
  expect(await bed.rows(sql`select from customers.bulk_items where input is not null`)).toEqual([])
})

it('changes many alike by ids and by filter, in the background, up to HubSpot', async () => {
  const people = await bed.rows<{ id: string }>(
    sql`select id from customers.contacts where external_id not like 'new:%' limit 120`,
  )
  const missing = '00000000-0000-4000-8000-0000000000ff'
  const ids = [...people.map(({ id }) => id), missing, people[0]!.id]
  const begun = await change({ type: 'CONTACTS', ids }, { contact: { jobTitle: 'Alike' } })
  expect(begun.job.total).toBe(121)
  const stranger = await change(
    { type: 'CONTACTS', ids: [people[0]!.id] },
    { contact: { jobTitle: 'Taken' } },
    principal(OTHER_ORG),
  )
  const tickets = await change({ type: 'TICKETS', tickets: { open: true } }, { ticket: { priority: 'HIGH' } })
  await using _ = await startCustomers({
    ...startWith(bed.test.urls, { api: false }),
    ...{ encryptionKeys: [TEST_KEY], limits: {}, pollEveryMs: 0 },
  })
  await until(
    async () =>
      (await job(begun.job.id)).state === 'COMPLETED' && (await job(tickets.job.id)).state === 'COMPLETED',
  )
  expect(await job(begun.job.id)).toMatchObject({
    ...{
      written: 120,
      refused: 1,
      outcomes: { nodes: [{ position: 120, recordId: missing, code: 'NOT_FOUND' }] },
    },
  })
  await until(async () => (await bed.outgoing()).length === 0)
  const there = await bed.records('contacts')
  expect(there.filter(({ properties }) => properties.jobtitle === 'Alike')).toHaveLength(120)
  expect(there.filter(({ properties }) => properties.email?.endsWith('@bulk.example'))).toHaveLength(998)
  const open = await bed.rows<{ priority: string }>(
    sql`select priority from customers.tickets where is_open and gone_at is null`,
  )
  expect(new Set(open.map(({ priority }) => priority))).toEqual(new Set(['HIGH']))
  expect(stranger.__typename).toBe('BulkStarted')
  expect(await counted(sql`job_title = 'Taken'`)).toBe(0)
})

it('refuses what does not say clearly which records, and what they are to say', async () => {
  const ids = ['00000000-0000-4000-8000-0000000000ff']
  expect(await change({ type: 'DEALS', ids }, { contact: { jobTitle: 'X' } })).toMatchObject({ field: 'set' })
  expect(await change({ type: 'DEALS', ids }, {})).toMatchObject({ field: 'set' })
  expect(await change({ type: 'CONTACTS' }, { contact: {} })).toMatchObject({ field: 'select' })
  expect(await change({ type: 'CONTACTS', tickets: {} }, { contact: {} })).toMatchObject({ field: 'select' })
  expect(await make([])).toMatchObject({ field: 'records' })
  expect(await make([{ contact: { email: 'a@b.example' } }, { deal: { name: 'X' } }])).toMatchObject({
    field: 'records',
  })
})
