import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import { session } from '#db/session.ts'
import { reader, worker } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type AskedC3, askedC3, openRequests } from './bed.ts'

let bed: AskedC3
let rfqs: Rfq[]
beforeAll(async () => {
  bed = await askedC3({}, [worker, (base) => reader(base, { tries: 1 })])
  rfqs = await openRequests(bed, 4)
  await bed.sync('INCREMENTAL')
  // A rule of the database stands for what nobody has foreseen.
  await session(bed.test.urls.owner, (client) =>
    client.query(`alter table inventory.rfqs add constraint no_poison check (note not like 'Poison%')`),
  )
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const LETTERS = `query ($filter: DeadLetterFilter) { c3DeadLetters(filter: $filter) { totalCount nodes { id type recordId direction state code guidance attempts dismissedBecause } } }`
const REPLAY = `mutation ($filter: DeadLetterFilter!) { replayC3DeadLetters(filter: $filter) { __typename ... on DeadLettersReplayed { count hasMore } ... on Refusal { message } } }`
const DISMISS = `mutation ($id: ID!, $because: String!) { dismissC3DeadLetter(id: $id, because: $because) { __typename
  ... on DeadLetterDismissed { deadLetter { state dismissedBecause } } ... on Refusal { message } } }`
const letters = async (filter: object = { state: 'OPEN' }) =>
  (await bed.ask(LETTERS, { filter })).c3DeadLetters.nodes

/** C3 says something of a request that cannot be stored. */
const poison = async ({ rfqId }: Rfq) => {
  await bed.sim('records/rfqs', { rfqId, note: 'Poison of Mrs Canary' })
  await bed.note('rfqs', [rfqId])
  return await until(async () =>
    (await letters()).find(({ recordId }: { recordId: string }) => recordId === rfqId),
  )
}

it('shows what of C3 was given up with what to do, tries it again when somebody says so, and closes it when that goes well', async () => {
  const rfq = rfqs[0]!
  const letter = await poison(rfq)
  expect(letter).toMatchObject({ type: 'rfqs', direction: 'IN', state: 'OPEN', dismissedBecause: null })
  expect(JSON.stringify(letter)).not.toContain('Canary')
  const other = principal(EMPTY)
  const nothing = { __typename: 'DeadLettersReplayed', count: 0, hasMore: false }
  expect((await bed.ask(LETTERS, {}, other)).c3DeadLetters.totalCount).toBe(0)
  expect((await bed.ask(REPLAY, { filter: { ids: [letter.id] } }, other)).replayC3DeadLetters).toEqual(
    nothing,
  )
  // Still poison: it comes back.
  const once = { __typename: 'DeadLettersReplayed', count: 1, hasMore: false }
  expect((await bed.ask(REPLAY, { filter: { type: 'rfqs' } })).replayC3DeadLetters).toEqual(once)
  await until(async () => (await letters())[0]?.attempts > letter.attempts)
  await bed.sim('records/rfqs', { rfqId: rfq.rfqId, note: 'Well' })
  expect((await bed.ask(REPLAY, { filter: { ids: [letter.id] } })).replayC3DeadLetters).toEqual(once)
  await until(async () => (await letters()).length === 0)
  expect((await bed.here(rfq.rfqId)).note).toBe('Well')
  expect(await letters({ ids: [letter.id] })).toMatchObject([{ state: 'RESOLVED' }])
  const acts = await bed.audited('replayC3DeadLetters')
  expect(acts.map((row) => row.subject_type)).toEqual(['DeadLetter', 'DeadLetter'])
})

it('sets a record of C3 aside with a reason, and leaves it alone until it has changed', async () => {
  const rfq = rfqs[1]!
  const { id } = await poison(rfq)
  expect((await bed.ask(DISMISS, { id, because: ' ' })).dismissC3DeadLetter.__typename).toBe('Invalid')
  const set = { id, because: 'It is a test of theirs.' }
  const refused = await bed.answered(DISMISS, set, principal(DEMO, 'sync:read'))
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  expect((await bed.ask(DISMISS, set)).dismissC3DeadLetter.deadLetter).toEqual({
    ...{ state: 'DISMISSED', dismissedBecause: set.because },
  })
  expect((await bed.ask(DISMISS, set)).dismissC3DeadLetter.message).toBe(
    'This dead letter is closed already.',
  )
  // A run meets it again and leaves it where it is.
  await bed.sync('FULL')
  expect(await letters()).toEqual([])
  await bed.sim('records/rfqs', { rfqId: rfq.rfqId, note: 'Well' })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  expect((await bed.here(rfq.rfqId)).note).toBe('Well')
  expect(await bed.audited('dismissC3DeadLetter')).toHaveLength(1)
})

it('tells what syncs with C3 did, record by record and run by run, and what comparing everything found', async () => {
  const [, , changed, lost] = rfqs as [Rfq, Rfq, Rfq, Rfq]
  // What was changed at C3 behind the hub's back, and what the hub holds that C3 has not.
  const local = await bed.idOf('rfqs', changed.rfqId)
  await bed.database.transaction(DEMO, (tx) =>
    sql`update inventory.rfqs set note = 'Drifted' where id = ${local}::uuid`.execute(tx),
  )
  const run = await bed.sync('RECONCILE')
  expect(run).toMatchObject({ state: 'COMPLETED' })
  const { c3SyncLogs, c3DriftReports } = await bed.ask(
    `query ($id: ID) { c3SyncLogs(filter: { runId: $id }, first: 100) { nodes { type operation status records } }
      c3DriftReports { nodes { id isClean types { type different missing extra } repairs { nodes { type recordId kind fields } } } } }`,
    { id: run.id },
  )
  expect(c3SyncLogs.nodes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: 'rfqs', operation: 'RECONCILE', status: 'SUCCEEDED' }),
    ]),
  )
  const [report] = c3DriftReports.nodes
  expect(report).toMatchObject({ id: run.id, isClean: false })
  expect(report.repairs.nodes).toEqual([
    { type: 'rfqs', recordId: changed.rfqId, kind: 'DIFFERENT', fields: ['note'] },
  ])
  expect((await bed.here(changed.rfqId)).note).toBe(null)
  expect((await bed.here(lost.rfqId)).note).toBe(null)
  const { c3DriftReports: none } = await bed.ask('{ c3DriftReports { nodes { id } } }', {}, principal(EMPTY))
  expect(none.nodes).toEqual([])
})
