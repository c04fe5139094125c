import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import { priceField } from '#subgraphs/inventory/domain/rfq-fields.ts'
import { reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type AskedC3, askedC3, openRequests } from './bed.ts'

let bed: AskedC3
let rfqs: Rfq[]
beforeAll(async () => {
  bed = await askedC3({}, [reader, writer])
  rfqs = await openRequests(bed, 9)
  const ids = rfqs.map(({ rfqId }) => rfqId)
  await bed.note('rfqs', ids)
  await quiet(bed)
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const PRICE = priceField(1)

/** Both sides give the first line another price. */
const contest = async ({ rfqId, lines }: Rfq, theirs: string, ours: string) => {
  const [first, ...others] = lines
  await bed.sim('records/rfqs', { rfqId, lines: [{ ...first, unitPrice: theirs }, ...others] })
  await bed.change({ updates: [{ localId: await bed.idOf('rfqs', rfqId), values: { [PRICE]: ours } }] })
  await quiet(bed)
  const [conflict] = (await bed.conflicts()).filter(({ recordId }) => recordId === rfqId)
  return conflict!
}
const prices = async ({ rfqId }: Rfq) => {
  const here = (await bed.here(rfqId)).lines as unknown as Rfq['lines']
  return [here[0]!.unitPrice, (await bed.there('rfqs', rfqId)).lines[0]!.unitPrice]
}
const told = (name: string) =>
  bed.select<{ payload: Record<string, unknown> }>(
    sql`select payload from events.recorded where name = ${name}`,
  )

it('presents what C3 and the hub both changed with both values, and ends it for either side or with a third value', async () => {
  const ends = { C3: '2.0000', HUB: '1.0000', VALUE: '1.2345' }
  for (const [n, choice] of (['C3', 'HUB', 'VALUE'] as const).entries()) {
    const rfq = rfqs[n]!
    const conflict = await contest(rfq, '2.0000', '1')
    expect(conflict).toMatchObject({
      ...{ type: 'rfqs', recordId: rfq.rfqId, field: PRICE, state: 'OPEN', outcome: null, policy: 'MANUAL' },
      ...{ wouldHave: 'C3', personal: false, masked: false, chosen: null },
      ...{ agreed: { text: null }, c3: { text: '2.0000' }, hub: { text: '1.0000' } },
    })
    const done = await bed.resolve(conflict, choice, choice === 'VALUE' ? ends.VALUE : undefined)
    expect(done).toMatchObject({
      __typename: 'C3ConflictResolved',
      conflict: { state: 'RESOLVED', outcome: choice, version: conflict.version + 1 },
    })
    await quiet(bed)
    expect(await prices(rfq)).toEqual([ends[choice], ends[choice]])
    // Reading it again opens nothing.
    await bed.note('rfqs', [rfq.rfqId])
    await quiet(bed)
  }
  expect(await bed.conflicts()).toEqual([])
  const audits = await bed.audited('resolveC3Conflict')
  expect(audits.map((row) => row.subject_type)).toEqual(['C3Conflict', 'C3Conflict', 'C3Conflict'])
  expect(JSON.stringify(audits)).not.toContain('1.2345')
})

it('fault 53 (c3): refuses with STALE whoever decides a conflict that somebody has decided, or whose values have moved on', async () => {
  const rfq = rfqs[3]!
  const seen = await contest(rfq, '2.0000', '1')
  // Each side moves on: what was looked at is no longer what would be decided about.
  const [first, ...others] = rfq.lines
  await bed.sim('records/rfqs', {
    rfqId: rfq.rfqId,
    lines: [{ ...first, unitPrice: '3.0000' }, ...others],
  })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  expect(await bed.resolve(seen, 'C3')).toMatchObject({
    ...{ __typename: 'Stale', code: 'STALE', currentVersion: seen.version + 1 },
  })
  expect(await prices(rfq)).toEqual(['1.0000', '3.0000'])
  const [now] = await bed.conflicts()
  expect(now).toMatchObject({ version: seen.version + 1, c3: { text: '3.0000' } })
  // Two people at once: one of them decides.
  const answers = await Promise.all([bed.resolve(now!, 'HUB'), bed.resolve(now!, 'C3')])
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['C3ConflictResolved', 'Stale'])
  const won = answers.find(({ conflict }) => conflict).conflict.outcome
  await quiet(bed)
  const value = won === 'HUB' ? '1.0000' : '3.0000'
  expect(await prices(rfq)).toEqual([value, value])
  expect(await bed.resolve(now!, 'HUB')).toMatchObject({ __typename: 'Stale', code: 'STALE' })
})

it('takes no value that C3 could not hold, and no decision from whoever may not write', async () => {
  const rfq = rfqs[4]!
  const conflict = await contest(rfq, '2.0000', '1')
  for (const value of ['cheap', '1.23456', '-1'])
    expect((await bed.resolve(conflict, 'VALUE', value)).message).toBe(
      'price.1 is a price with at most four places, such as 1.2345.',
    )
  expect((await bed.resolve(conflict, 'HUB', '7')).message).toBe('A value is said with VALUE only.')
  const decide = `mutation { resolveC3Conflict(id: "${conflict.id}", choice: C3, expectedVersion: ${conflict.version}) { __typename } }`
  const refused = await bed.answered(decide, {}, principal(DEMO, 'sync:read', 'sync:write', 'inventory:read'))
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  // Another organisation sees none of it.
  const other = principal(EMPTY)
  expect((await bed.ask('{ c3Conflicts { totalCount nodes { id } } }', {}, other)).c3Conflicts).toEqual({
    totalCount: 0,
    nodes: [],
  })
  expect((await bed.ask(decide, {}, other)).resolveC3Conflict.__typename).toBe('Missing')
  // Whoever may see runs but no stock sees that there is a conflict, and not what it is about.
  const query = '{ c3Conflicts { nodes { masked c3 { text } hub { text } } } }'
  expect((await bed.ask(query, {}, principal(DEMO, 'sync:read'))).c3Conflicts.nodes).toEqual([
    { masked: true, c3: null, hub: null },
  ])
  expect(await bed.resolve(conflict, 'C3')).toMatchObject({ __typename: 'C3ConflictResolved' })
  await quiet(bed)
})

it('ends many for one side at a time, names those that somebody else has ended, and tells the hub of each', async () => {
  const all = []
  for (const rfq of rfqs.slice(5, 8)) all.push(await contest(rfq, '2.0000', '1'))
  const [before, ...left] = all
  await bed.resolve(before!, 'C3')
  const { resolveC3Conflicts } = await bed.ask(
    `mutation ($ids: [ID!]) { resolveC3Conflicts(ids: $ids, choice: HUB) { ... on ConflictsResolved { resolved hasMore items { id state } } } }`,
    { ids: [...all.map(({ id }) => id), DEMO] },
  )
  expect(resolveC3Conflicts).toEqual({
    ...{ resolved: 2, hasMore: false },
    items: [
      { id: before!.id, state: 'STALE' },
      ...left.map(({ id }) => ({ id, state: 'RESOLVED' })),
      { id: DEMO, state: 'MISSING' },
    ],
  })
  await quiet(bed)
  expect(await Promise.all(rfqs.slice(5, 8).map(prices))).toEqual([
    ['2.0000', '2.0000'],
    ['1.0000', '1.0000'],
    ['1.0000', '1.0000'],
  ])
  const opened = (await told('inventory.conflict.opened')).map(({ payload }) => payload)
  const ended = (await told('inventory.conflict.resolved')).map(({ payload }) => payload)
  expect(opened.filter(({ conflictId }) => conflictId === before!.id)).toMatchObject([
    { system: 'C3', integrationId: bed.integrationId, type: 'rfqs', field: PRICE, policy: 'MANUAL' },
  ])
  const outcomes = new Map(ended.map(({ conflictId, outcome }) => [conflictId, outcome]))
  expect(all.map(({ id }) => outcomes.get(id))).toEqual(['C3', 'HUB', 'HUB'])
  expect(JSON.stringify([opened, ended])).not.toContain('2.0000')
})
