import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG, reader, writer } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf, rowsOf } from '../customers/rows.ts'
import { type Contested, contested } from './contested.ts'

const stack = new AsyncDisposableStack()
let bed: Contested
beforeAll(async () => {
  bed = stack.use(await contested(12))
  // What the hub makes in a portal it finds again by a key of its own.
  await bed.define('deals', {
    ...{ name: 'hub_external_key', label: 'Key', type: 'string', fieldType: 'text' },
    ...{ groupName: 'dealinformation', hasUniqueValue: true },
  })
  await bed.sync('FULL')
  stack.use(writer(bed))
  stack.use(reader(bed))
})
afterAll(() => stack.disposeAsync())

const RESOLVE = /* GraphQL */ `
  mutation ($id: ID!, $choice: ConflictChoice!, $version: Int!, $value: String, $items: [String!]) {
    resolveHubSpotConflict(id: $id, choice: $choice, expectedVersion: $version, value: $value, items: $items) {
      __typename
      ... on ConflictResolved { conflict { id version state outcome chosen { text } } receipt { position } }
      ... on Stale { currentVersion code }
      ... on Invalid { field }
      ... on Refusal { message }
    }
  }
`
const RESOLVE_ALL = /* GraphQL */ `
  mutation ($ids: [ID!], $filter: ConflictFilter, $choice: ConflictChoice!) {
    resolveHubSpotConflicts(ids: $ids, filter: $filter, choice: $choice) {
      __typename
      ... on ConflictsResolved { resolved hasMore items { id state version } }
      ... on Refusal { message }
    }
  }
`
interface Shown {
  id: string
  version: number
  field: string
  recordId: string
}
const open = async (filter: object = {}): Promise<Shown[]> =>
  (
    await bed.ask(
      'query ($filter: ConflictFilter) { conflicts(filter: $filter) { nodes { id version field recordId } } }',
      { filter: { state: 'OPEN', ...filter } },
    )
  ).conflicts.nodes
const resolve = async ({ id, version }: Pick<Shown, 'id' | 'version'>, choice: string, more: object = {}) =>
  (await bed.ask(RESOLVE, { id, choice, version, ...more })).resolveHubSpotConflict
const resolveAll = async (variables: object) =>
  (await bed.ask(RESOLVE_ALL, variables)).resolveHubSpotConflicts

/** Both sides say something else of a field, and a person has to decide. */
const contest = async (
  type: 'companies' | 'deals',
  n: number,
  theirs: Record<string, string>,
  ours: Record<string, string>,
): Promise<string> => {
  const { id } = (await bed.records(type))[n]!
  await bed.change(type, [{ id, properties: theirs }])
  await bed.changeHere(type, id, ours)
  await until(async () => (await open()).some(({ recordId }) => recordId === id))
  await quiet(bed)
  return id
}
const both = async (type: 'companies' | 'deals', id: string, field: string) => [
  (await bed.here(type, id))[field] ?? null,
  (await bed.there(type, id))[field] ?? null,
]

it('ends a conflict for one side or with a third value, and both sides then say the same', async () => {
  const outcomes = ['HUBSPOT', 'HUB', 'VALUE'] as const
  const expected = { HUBSPOT: '2', HUB: '1', VALUE: '12345678901234567.8901' }
  for (const [n, choice] of outcomes.entries()) {
    const id = await contest('companies', n, { annualrevenue: '2' }, { annualrevenue: '1' })
    const [conflict] = await open()
    const done = await resolve(conflict!, choice, choice === 'VALUE' ? { value: expected.VALUE } : {})
    expect(done).toMatchObject({
      __typename: 'ConflictResolved',
      conflict: { state: 'RESOLVED', outcome: choice, version: conflict!.version + 1 },
    })
    await quiet(bed)
    expect(await both('companies', id, 'annualrevenue')).toEqual([expected[choice], expected[choice]])
  }
  // Reading them again opens nothing.
  await bed.sync('FULL')
  await quiet(bed)
  expect(await open()).toEqual([])
  const told = await eventsOf<{ outcome: string }>(bed, 'customers.conflict.resolved')
  expect(told.map(({ outcome }) => outcome)).toEqual([...outcomes])
  const audits = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').select('diff').where('action', '=', 'resolveConflict').execute(),
  )
  expect(audits).toHaveLength(3)
  expect(JSON.stringify(audits)).not.toContain('8901')
})

it('fault 53: refuses with STALE whoever decides a conflict that somebody has decided, or whose values have moved on', async () => {
  const id = await contest('companies', 4, { annualrevenue: '20' }, { annualrevenue: '10' })
  const [seen] = await open()
  await bed.change('companies', [{ id, properties: { annualrevenue: '30' } }])
  await bed.note('companies', [id])
  await until(async () => (await open())[0]!.version === seen!.version + 1)
  expect(await resolve(seen!, 'HUBSPOT')).toMatchObject({
    ...{ __typename: 'Stale', code: 'STALE', currentVersion: seen!.version + 1 },
  })
  // What is changed here moves it on, too, and is not written over HubSpot's value.
  await bed.changeHere('companies', id, { annualrevenue: '11' })
  await quiet(bed)
  expect(await both('companies', id, 'annualrevenue')).toEqual(['11', '30'])
  const [now] = await open()
  expect(now!.version).toBe(seen!.version + 2)
  // Two people at once: one of them decides.
  const answers = await Promise.all([resolve(now!, 'HUB'), resolve(now!, 'HUBSPOT')])
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['ConflictResolved', 'Stale'])
  const winner = answers.find(({ __typename }) => __typename === 'ConflictResolved').conflict.outcome
  await quiet(bed)
  const value = winner === 'HUB' ? '11' : '30'
  expect(await both('companies', id, 'annualrevenue')).toEqual([value, value])
})

it('fault 57: ends an amount and its currency together, so that no number gets into another currency', async () => {
  const ours = { amount: '100.10', deal_currency_code: 'EUR' }
  const id = await contest('deals', 1, { amount: '110.0001' }, { deal_currency_code: 'EUR' })
  const found = await open()
  expect(found.map(({ field }) => field).sort()).toEqual(['amount', 'deal_currency_code'])
  const amount = found.find(({ field }) => field === 'amount')!
  expect(await resolve(amount, 'HUBSPOT')).toMatchObject({ conflict: { outcome: 'HUBSPOT' } })
  await quiet(bed)
  expect(await open()).toEqual([])
  const [there, here] = [await bed.there('deals', id), await bed.here('deals', id)]
  expect([here.amount, here.deal_currency_code ?? null]).toEqual([
    '110.0001',
    there.deal_currency_code ?? null,
  ])
  expect(there.deal_currency_code).not.toBe(ours.deal_currency_code)
})

it('merges links that both sides changed: what either added is there, and what either took away is not', async () => {
  const deal = (await bed.records('deals', '&associations=companies')).find(
    (each) => each.associations?.companies?.length === 1,
  )!
  const [there, mine] = (await bed.records('companies')).slice(-2).map(({ id }) => id)
  const first = deal.associations!.companies![0]!.id
  await bed.sim('records/deals', { id: deal.id, associate: { to: 'companies', id: there } })
  // Taken away here, and another one linked, before anybody has read that.
  await bed.changeHere('deals', deal.id, { '@companies': [mine!] })
  await bed.note('deals', [deal.id], { hasLinks: true })
  await quiet(bed)
  const linked = async () =>
    (await bed.records('deals', '&associations=companies'))
      .find(({ id }) => id === deal.id)!
      .associations!.companies!.map(({ id }) => id)
      .sort()
  const merged = [there, mine].sort()
  await until(async () => (await linked()).join() === merged.join())
  const here = (await bed.here('deals', deal.id))['@companies'] as string[]
  expect(here.map((id) => id.replace('!', '')).sort()).toEqual(merged)
  expect(merged).not.toContain(first)
  expect(await open()).toEqual([])
})

it('keeps what is open also while the hub holds again what both had agreed on', async () => {
  const id = (await bed.records('companies'))[10]!.id
  const agreed = ((await bed.here('companies', id)).annualrevenue as string | null) ?? null
  await bed.change('companies', [{ id, properties: { annualrevenue: '2' } }])
  await bed.changeHere('companies', id, { annualrevenue: '1' })
  await until(async () => (await open()).length === 1)
  // Changed back, and something else is written there: nothing differs any more from what was agreed on.
  await bed.changeHere('companies', id, { annualrevenue: agreed, city: 'Elsewhere' })
  await quiet(bed)
  await bed.sync('FULL')
  await quiet(bed)
  expect(await both('companies', id, 'annualrevenue')).toEqual([agreed, '2'])
  expect((await both('companies', id, 'city'))[1]).toBe('Elsewhere')
  const [conflict] = await open()
  await resolve(conflict!, 'HUB')
  await quiet(bed)
  expect(await both('companies', id, 'annualrevenue')).toEqual([agreed, agreed])
})

it('ends many for one side at a time, and names those that somebody else has ended', async () => {
  const ids: string[] = []
  for (const n of [6, 7, 8])
    ids.push(await contest('companies', n, { annualrevenue: `2${n}` }, { annualrevenue: `1${n}` }))
  const [one, ...others] = await open()
  await resolve(one!, 'HUB')
  const missing = '00000000-0000-4000-8000-00000000dead'
  const done = await resolveAll({
    ids: [one!.id, ...others.map(({ id }) => id), missing],
    choice: 'HUBSPOT',
  })
  expect(done).toMatchObject({ resolved: 2, hasMore: false })
  expect(done.items.map(({ state }: { state: string }) => state)).toEqual([
    'STALE',
    'RESOLVED',
    'RESOLVED',
    'MISSING',
  ])
  await quiet(bed)
  for (const id of ids) {
    const [here, there] = await both('companies', id, 'annualrevenue')
    expect(here).toBe(there)
  }
  expect(await resolveAll({ filter: { objectType: 'COMPANIES' }, choice: 'HUB' })).toMatchObject({
    resolved: 0,
  })
  expect(await resolveAll({ choice: 'HUB' })).toMatchObject({ __typename: 'Invalid' })
})

it('takes no value that the field cannot hold, and no decision from whoever may not write customers', async () => {
  await contest('companies', 9, { annualrevenue: '2' }, { annualrevenue: '1' })
  const [conflict] = await open()
  const wrong = async (more: object, choice = 'VALUE') => (await resolve(conflict!, choice, more)).message
  expect(await wrong({ value: 'much' })).toContain('number')
  expect(await wrong({ items: ['1'] })).toContain('no list')
  expect(await wrong({ value: '1' }, 'HUB')).toContain('VALUE only')
  expect(await resolve({ id: 'x', version: 1 }, 'HUB')).toMatchObject({ __typename: 'Missing' })
  const { errors } = await bed.answer(
    RESOLVE,
    { id: conflict!.id, choice: 'HUB', version: 1 },
    principal(ORG, 'sync:read', 'sync:write', 'customers:read'),
  )
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  expect(await open()).toHaveLength(1)
  await resolve(conflict!, 'HUB')
})

it('fault 52: brings a record that was deleted there and changed here back, or lets it go, as a person decides', async () => {
  await bed.savePolicy({ deletions: [{ objectType: 'DEALS', policy: 'MANUAL' }] })
  const deals = (await bed.records('deals')).slice(4, 6).map(({ id }) => id)
  const local = new Map([...(await rowsOf(bed, 'deals'))].map(([id, row]) => [id, row.id]))
  for (const id of deals) {
    await bed.sim('records/deals', { id, archive: true })
    await bed.changeHere('deals', id, { dealname: `Ours ${id}` })
  }
  await until(async () => (await open({ field: '@record' })).length === 2)
  const [kept, gone] = deals.map(
    (id) => async () => (await open({ field: '@record' })).find(({ recordId }) => recordId === id)!,
  )
  expect(await resolve(await gone!(), 'VALUE', { value: 'x' })).toMatchObject({ __typename: 'Invalid' })
  expect(await resolve(await gone!(), 'HUBSPOT')).toMatchObject({ conflict: { outcome: 'HUBSPOT' } })
  expect(await resolve(await kept!(), 'HUB')).toMatchObject({ conflict: { outcome: 'HUB' } })
  await quiet(bed)
  const rows = [...(await rowsOf(bed, 'deals')).values()]
  const row = (id: string) => rows.find((each) => each.id === local.get(id))!
  expect(row(deals[1]!).gone_at).not.toBeNull()
  // It is the same record here, under the id that HubSpot gave it anew.
  const again = row(deals[0]!)
  expect(again.gone_at).toBeNull()
  expect(again.external_id).not.toBe(deals[0])
  expect((await bed.there('deals', again.external_id)).dealname).toBe(`Ours ${deals[0]}`)
  await bed.sync('RECONCILE')
  expect(await open()).toEqual([])
})

it('fault 52: lets what was deleted here and changed there come back, or go there too, as a person decides', async () => {
  const deals = (await bed.records('deals')).filter(({ archived }) => !archived).slice(0, 2)
  const ids = deals.map(({ id }) => id)
  const rows = await rowsOf(bed, 'deals')
  for (const id of ids) {
    await bed.change('deals', [{ id, properties: { dealname: `Theirs ${id}` } }])
    await bed.database.transaction(ORG, (tx) => bed.deleteHere(tx, 'deals', rows.get(id)!.id))
  }
  await until(async () => (await open({ field: '@record' })).length === 2)
  await quiet(bed)
  const of = async (id: string) => (await open()).find(({ recordId }) => recordId === id)!
  expect(await resolve(await of(ids[0]!), 'HUBSPOT')).toMatchObject({ conflict: { outcome: 'HUBSPOT' } })
  expect(await resolve(await of(ids[1]!), 'HUB')).toMatchObject({ conflict: { outcome: 'HUB' } })
  await quiet(bed)
  const after = await rowsOf(bed, 'deals')
  expect(after.get(ids[0]!)).toMatchObject({ gone_at: null, properties: { dealname: `Theirs ${ids[0]}` } })
  expect(after.get(ids[1]!)!.gone_at).not.toBeNull()
  const archived = (await bed.records('deals')).find(({ id }) => id === ids[1])
  expect(archived?.archived ?? true).toBe(true)
  expect(await open()).toEqual([])
})
