import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { worker, writer } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from '../customers/rows.ts'
import {
  approve,
  differing,
  heldRows,
  live,
  meddlingHere,
  type PlansBed,
  planned,
  plansBed,
  shown,
} from './bed.ts'

const TELL = 'mutation ($event: TimelineEventInput!) { postTimelineEvent(input: $event) { __typename } }'

const SAVE = `mutation ($id: ID!, $changes: PolicyChangeInput!) {
  savePolicy(integrationId: $id, expectedVersion: 1, changes: $changes) { __typename ... on Refusal { message } } }`

/** What the portal has of every record, by type and id. */
const portalOf = async (bed: PlansBed): Promise<Map<string, string>> => {
  const all = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes'].map(async (type) =>
    (await bed.records(type, type === 'companies' ? '' : '&associations=companies')).map(
      ({ id, ...said }) => [`${type} ${id}`, JSON.stringify(said)] as const,
    ),
  )
  return new Map((await Promise.all(all)).flat())
}

/** Rows of records, without those that only follow from them, such as former versions and links. */
const recordsHeld = async (bed: PlansBed): Promise<Map<string, string>> =>
  new Map(
    [...(await heldRows(bed))].filter(
      ([name]) => !/^(customers|versions|edges|watermark|decision) /.test(name),
    ),
  )

const create = async (bed: PlansBed, type: RecordType, values: Record<string, string | string[]>) => {
  const localId = randomUUID()
  const assumed = { createdate: bed.clock.now().toISOString() }
  await bed.change(type, { creates: [{ localId, values, assumed }] })
  return localId
}

it('does a plan of creates, changes, deletes, links, merges and conflicts on both sides with as many requests as it said, and touches no other record', async () => {
  await using bed = await plansBed({ companies: 40, firstPush: true, keyed: true })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  await bed.allowAll()
  const companies = [...(await rowsOf(bed, 'companies')).values()]
  const contacts = [...(await rowsOf(bed, 'contacts')).values()]
  const company = (n: number) => companies[n]!
  const contact = (n: number) => contacts[n]!
  const there = (type: string, list: object[]) => bed.sim(`records/${type}`, { list })
  const updates = (...of: [number, Record<string, string>][]) =>
    bed.change('companies', { updates: of.map(([n, values]) => ({ localId: company(n).id, values })) })

  // Here: made, changed, linked otherwise, deleted.
  const made = await create(bed, 'companies', { name: 'Made here', domain: 'made.example' })
  const person = await create(bed, 'contacts', {
    ...{ email: 'anna@made.example', '@companies': [`new:${made}!`] },
  })
  const deal = await create(bed, 'deals', {
    ...{ dealname: 'First order', pipeline: 'default', dealstage: 'qualifiedtobuy' },
    ...{ '@companies': [`new:${made}!`], '@contacts': [`new:${person}`] },
  })
  await updates(...[0, 1, 2, 3, 4, 5].map((n): [number, { city: string }] => [n, { city: 'Ours' }]))
  await updates([6, { annualrevenue: '111', phone: '+1 212 555 0106' }])
  await bed.change('contacts', {
    updates: [{ localId: contact(0).id, values: { '@companies': [`${company(9).external_id}!`] } }],
    deletes: [contact(1).id, contact(2).id],
  })
  // There: changed in other fields, in the same ones, alike; made and archived.
  await there('companies', [
    { id: company(2).external_id, properties: { phone: '+1 212 555 0102' } },
    { id: company(3).external_id, properties: { city: 'Theirs' } },
    { id: company(4).external_id, properties: { city: 'Ours', phone: '+1 212 555 0104' } },
    { id: company(6).external_id, properties: { annualrevenue: '222' } },
    { id: company(10).external_id, properties: { city: 'Theirs' } },
    { properties: { name: 'Made there' } },
  ])
  await there('contacts', [{ id: contact(3).external_id, archive: true }])

  // A record of the plan is merged away before somebody approves it: nothing is done, and it is named.
  const early = await planned(bed)
  await there('companies', [
    { id: company(10).external_id, merge: company(11).external_id },
    { id: company(5).external_id, merge: company(12).external_id },
  ])
  const before = [await portalOf(bed), await heldRows(bed)] as const
  const refused = await approve(bed, early)
  expect(refused).toMatchObject({ __typename: 'PlanMoved', code: 'PLAN_MOVED' })
  const gone = [company(5), company(10)].map(({ external_id }) => external_id)
  const isGone = ({ recordId }: { recordId: string }) => gone.includes(recordId)
  expect(refused.items.filter(isGone)).toHaveLength(2)
  expect(refused.items.filter(isGone)).toMatchObject([
    { state: 'MOVED', movedTo: { action: 'DELETE' } },
    { state: 'MOVED', movedTo: { action: 'DELETE' } },
  ])
  expect(differing(before[0], await portalOf(bed))).toEqual([])
  expect(differing(before[1], await heldRows(bed))).toEqual([])

  const plan = await planned(bed)
  const items = new Map(
    plan.items.nodes.map((item) => [`${item.direction} ${item.type} ${item.localId}`, item]),
  )
  const itemOf = (way: string, type: string, { id }: { id: string }) => items.get(`${way} ${type} ${id}`)
  const fieldsOf = (way: string, type: string, row: { id: string }) =>
    itemOf(way, type, row)?.fields.map(({ field, from, to }) => [field, from, to])
  expect(fieldsOf('OUT', 'contacts', { id: person })).toEqual([
    ['@companies', null, `new:${made}!`],
    ['email', null, 'anna@made.example'],
  ])
  expect(itemOf('OUT', 'contacts', contact(1))).toMatchObject({ action: 'DELETE', fields: [] })
  // What is theirs to say is not written over, what both say alike is not written, what is undecided waits.
  expect(itemOf('OUT', 'companies', company(3))).toBeUndefined()
  expect(itemOf('IN', 'companies', company(3))).toMatchObject({
    action: 'CONFLICT',
    fields: [{ field: 'city', to: 'Theirs', outcome: 'theirs' }],
  })
  expect(itemOf('OUT', 'companies', company(4))).toBeUndefined()
  expect(fieldsOf('OUT', 'companies', company(6))).toMatchObject([
    ['phone', expect.anything(), '+1 212 555 0106'],
  ])
  expect(itemOf('IN', 'companies', company(6))).toMatchObject({
    fields: [{ field: 'annualrevenue', outcome: 'open' }],
  })
  // Of two that were merged one goes, and the other one is what is left there: what waits for it is written there.
  const merged = plan.items.nodes.filter(({ reason }) => reason === 'merged')
  expect(merged).toMatchObject([
    { action: 'DELETE', type: 'companies' },
    { action: 'DELETE', type: 'companies' },
  ])
  const kept = [company(5), company(12)].find((row) => itemOf('OUT', 'companies', row))
  expect(kept && itemOf('OUT', 'companies', kept)?.recordId).not.toBe(kept?.external_id)

  // Meanwhile others change, on both sides, which nobody has approved.
  await updates([20, { city: 'Later' }])
  await bed.change('contacts', { deletes: [contact(20).id] })
  const late = await create(bed, 'contacts', { email: 'late@made.example', '@companies': [`new:${made}!`] })
  await there('companies', [
    { id: company(21).external_id, properties: { city: 'Later' } },
    { properties: { name: 'Later' } },
    { id: company(22).external_id, archive: true },
  ])
  const tokens = [{ name: 'ban', value: '700001' }]
  const event = {
    objectType: 'company',
    objectId: company(8).external_id,
    eventTemplateId: 'first_call',
    tokens,
  }
  await bed.ask(TELL, { event })
  // They are told of beside the plan: they go by themselves once its approval lets the connection send.
  expect((await shown(bed, plan.id)).alsoWaiting).toEqual([
    { type: 'companies', records: 1 },
    { type: 'contacts', records: 2 },
    { type: 'timeline', records: 1 },
  ])
  const [portal, held] = [await portalOf(bed), await recordsHeld(bed)]
  await bed.sim('journal', undefined, 'DELETE')

  const approved = await approve(bed, plan)
  expect(approved).toMatchObject({ __typename: 'PlanApproved' })
  const run = await bed.ended(approved.run.id)
  expect(run).toMatchObject({ state: 'COMPLETED', failed: 0, skipped: 0, done: plan.items.nodes.length })
  const total = (await bed.journal()).counts.total
  expect({ simulator: total, run: run.apiCalls }).toEqual({ simulator: plan.apiCalls, run: plan.apiCalls })
  const done = await shown(bed, plan.id)
  expect(new Set(done.items.nodes.map(({ state }) => state))).toEqual(new Set(['DONE']))

  // On neither side anything else is other than it was.
  const after = { portal: await portalOf(bed), held: await recordsHeld(bed) }
  const planIds = plan.items.nodes.flatMap(({ recordId, localId }) => [recordId, localId ?? recordId])
  const named = new Set([...planIds, ...[5, 10, 11, 12].map((n) => company(n).external_id)])
  const others = (names: readonly string[]) =>
    names.filter((name) => !named.has(name.split(' ').at(-1) ?? ''))
  const fresh = (type: RecordType, key: string) =>
    [...after.portal]
      .filter(([name, text]) => name.startsWith(type) && text.includes(key))
      .map(([name]) => name)
  const news = [...fresh('companies', made), ...fresh('contacts', person), ...fresh('deals', deal)]
  expect(news).toHaveLength(3)
  expect(others(differing(portal, after.portal)).sort()).toEqual(news)
  // A record that named another one by a name of ours names it as the portal does; the links of the new ones are new.
  const ofNew = news.map((name) => `link ${name}`)
  expect(others(differing(held, after.held)).sort()).toEqual([`contacts ${late}`, ...ofNew].sort())
  const rowOf = (text: string) => JSON.parse(text).properties
  const { '@companies': links, ...rest } = rowOf(after.held.get(`contacts ${late}`) ?? '{}')
  expect(rowOf(held.get(`contacts ${late}`) ?? '{}')).toEqual({ ...rest, '@companies': [`new:${made}!`] })
  expect(links).toEqual([`${news[0]?.split(' ')[1]}!`])
  expect(after.portal.get(news[1] ?? '')).toContain(news[0]?.split(' ')[1])
})

it('fault 54: writes nothing that somebody changes here at the last moment, and names it', async () => {
  await using bed = await plansBed({ companies: 3, firstPush: true })
  let looks = Number.NEGATIVE_INFINITY
  let late = ''
  await using _worker = meddlingHere(bed, async () => {
    // Twice it is compared, each time by what is held and by what is left to write; then it is written.
    if (++looks === 5)
      await bed.change('companies', { updates: [{ localId: late, values: { city: 'Late' } }] })
  })
  await bed.sync('FULL')
  const [one, other] = [...(await rowsOf(bed, 'companies')).values()]
  late = one?.id ?? ''
  const updates = [one, other].map((row) => ({ localId: row?.id ?? '', values: { city: 'Ours' } }))
  await bed.change('companies', { updates })
  const plan = await planned(bed, { types: ['companies'] })
  looks = 0
  await approve(bed, plan)
  const { applyRunId } = await shown(bed, plan.id)
  expect(await bed.ended(applyRunId ?? '')).toMatchObject({ state: 'FAILED', updated: 1 })
  const done = await shown(bed, plan.id)
  expect(done.state).toBe('MOVED')
  const states = new Map(done.items.nodes.map((item) => [item.localId, item]))
  expect(states.get(late)).toMatchObject({
    ...{ state: 'MOVED', movedTo: { action: 'UPDATE', fields: [{ field: 'city', to: 'Late' }] } },
  })
  expect(states.get(other?.id ?? '')).toMatchObject({ state: 'DONE' })
  const cities = (await bed.records('companies')).map(({ properties }) => properties.city)
  expect(cities.filter((city) => city === 'Ours' || city === 'Late')).toEqual(['Ours'])
  // What was not written waits on.
  expect((await bed.outgoing()).map(({ local_id }) => local_id)).toEqual([late])
})

it('makes a record there again that was deleted there and changed here, where the hub counts, exactly as the plan says', async () => {
  await using bed = await plansBed({ companies: 3, firstPush: true, keyed: true })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  await bed.allowAll()
  const changes = { deletions: [{ objectType: 'COMPANIES', policy: 'HUB' }] }
  const saved = await bed.ask(SAVE, { id: bed.integrationId, changes })
  expect(saved.savePolicy.__typename).toBe('PolicySaved')
  const [row] = [...(await rowsOf(bed, 'companies')).values()]
  const { id = '', external_id: externalId = '', properties } = row ?? {}
  await bed.change('companies', { updates: [{ localId: id, values: { city: 'Ours' } }] })
  await bed.sim('records/companies', { id: externalId, archive: true })
  const plan = await planned(bed, { types: ['companies'] })
  expect(plan.items.nodes).toMatchObject([
    {
      direction: 'IN',
      recordId: externalId,
      action: 'CONFLICT',
      fields: [{ field: '@record', outcome: 'ours' }],
    },
    { direction: 'OUT', recordId: `new:${id}`, localId: id, action: 'CREATE' },
  ])
  await bed.sim('journal', undefined, 'DELETE')
  const approved = await approve(bed, plan)
  expect(await bed.ended(approved.run.id)).toMatchObject({ state: 'COMPLETED', apiCalls: plan.apiCalls })
  expect((await bed.journal()).counts.total).toBe(plan.apiCalls)
  const made = (await bed.records('companies')).filter(({ properties }) => properties.hub_external_key === id)
  expect(made).toMatchObject([{ archived: false, properties: { name: properties?.name, city: 'Ours' } }])
  expect((await rowsOf(bed, 'companies')).get(made[0]?.id ?? '')).toMatchObject({ id, gone_at: null })
  await bed.sync('RECONCILE')
  // What only HubSpot may say of it is no difference.
  await using _writer = writer(bed)
  await until(async () => (await bed.outgoing()).length === 0)
  expect(await live(bed, 'companies')).toBe(3)
  expect((await bed.records('companies')).filter(({ archived }) => !archived)).toHaveLength(3)
})
