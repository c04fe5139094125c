import { afterAll, beforeAll, expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { eventsOf, rowsOf } from '../customers/rows.ts'
import { type Contested, contested } from './contested.ts'

let bed: Contested
beforeAll(async () => {
  bed = await contested(12)
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const CONFLICTS = /* GraphQL */ `
  query ($filter: ConflictFilter) {
    conflicts(filter: $filter) {
      totalCount
      nodes {
        id version objectType recordId hubId field state outcome personal masked policy policyVersion wouldHave
        agreed { text items } hubspot { text items } hub { text items } hubspotChangedAt hubChangedAt decidedAt movedAt closedAt
        customer { name }
      }
    }
  }
`
// biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
const conflicts = async (filter: object, caller = principal(ORG)): Promise<any[]> =>
  (await bed.ask(CONFLICTS, { filter }, caller)).conflicts.nodes
const text = (text: string | null) => ({ text, items: null })

it('fault 50: lets the policy decide and writes every decision down, and leaves the money to a person with nothing overwritten meanwhile', async () => {
  const [one] = await bed.records('companies')
  const { id } = one!
  await bed.savePolicy({ fields: [{ objectType: 'COMPANIES', field: 'state', policy: 'HUB' }] })
  const before = await bed.here('companies', id)
  const ours = { city: 'Here', state: 'Ours', annualrevenue: '1000' }
  await bed.changeHere('companies', id, ours)
  await bed.change('companies', [
    { id, properties: { city: 'There', state: 'Theirs', annualrevenue: '2000' } },
  ])
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ conflicts: 3 })
  expect(await bed.here('companies', id)).toMatchObject({ ...ours, city: 'There' })
  const found = await conflicts({ hubId: (await rowsOf(bed, 'companies')).get(id)!.id })
  const of = (field: string) => found.find((each) => each.field === field)
  expect(of('city')).toMatchObject({
    ...{ state: 'SETTLED', outcome: 'HUBSPOT', policy: 'HUBSPOT', policyVersion: 2, wouldHave: null },
    ...{ agreed: text(before.city as string), hubspot: text('There'), hub: text('Here') },
    customer: { name: before.name },
  })
  expect(of('state')).toMatchObject({ state: 'SETTLED', outcome: 'HUB', policy: 'HUB' })
  const open = of('annualrevenue')
  expect(open).toMatchObject({
    ...{ state: 'OPEN', outcome: null, policy: 'MANUAL', wouldHave: 'HUBSPOT', version: 1 },
    ...{ hubspot: text('2000'), hub: text('1000'), personal: false, masked: false },
  })
  expect(Date.parse(open.hubspotChangedAt)).toBeGreaterThanOrEqual(Date.parse(open.hubChangedAt))
  // Whatever is read meanwhile, and however often: neither value is written over the other.
  await bed.sync('INCREMENTAL')
  await bed.sync('FULL')
  expect(await bed.here('companies', id)).toMatchObject({ annualrevenue: '1000' })
  expect((await bed.there('companies', id)).annualrevenue).toBe('2000')
  expect((await conflicts({ state: 'OPEN' })).map(({ id, version }) => [id, version])).toEqual([[open.id, 1]])
  const told = await eventsOf(bed, 'customers.conflict.opened')
  expect(told).toMatchObject([{ conflictId: open.id, type: 'companies', field: 'annualrevenue', version: 1 }])
  // An id may have any digits.
  expect(JSON.stringify(told.map((each) => ({ ...each, conflictId: '' })))).not.toMatch(/1000|2000/)
})

it('keeps an open conflict up to date while either side moves on, and ends it when both come to say the same', async () => {
  const [open] = await conflicts({ state: 'OPEN' })
  const id = open.recordId
  await bed.change('companies', [{ id, properties: { annualrevenue: '3000' } }])
  await bed.sync('INCREMENTAL')
  const [moved] = await conflicts({ state: 'OPEN' })
  expect(moved).toMatchObject({ id: open.id, version: 2, hubspot: text('3000'), hub: text('1000') })
  expect(moved.movedAt).not.toBeNull()
  // A table that would settle it by now does not: what is open stays open.
  await bed.savePolicy({ fields: [{ objectType: 'COMPANIES', field: 'annualrevenue', policy: 'HUBSPOT' }] })
  await bed.change('companies', [{ id, properties: { annualrevenue: '4000' } }])
  await bed.sync('INCREMENTAL')
  expect(await bed.here('companies', id)).toMatchObject({ annualrevenue: '1000' })
  expect(await conflicts({ state: 'OPEN' })).toMatchObject([{ version: 3, hubspot: text('4000') }])
  await bed.change('companies', [{ id, properties: { annualrevenue: '1000.00' } }])
  await bed.sync('INCREMENTAL')
  expect(await conflicts({ state: 'OPEN' })).toEqual([])
  expect(await conflicts({ state: 'AGREED' })).toMatchObject([{ id: open.id, version: 4, outcome: 'NOBODY' }])
  expect(await eventsOf(bed, 'customers.conflict.resolved')).toMatchObject([
    { conflictId: open.id, outcome: 'AGREED', version: 4 },
  ])
  // Decided by nobody and agreed on: from now on the table counts.
  await bed.changeHere('companies', id, { annualrevenue: '5' })
  await bed.change('companies', [{ id, properties: { annualrevenue: '6' } }])
  await bed.sync('INCREMENTAL')
  expect(await bed.here('companies', id)).toMatchObject({ annualrevenue: '6' })
})

it('fault 51: merges what both changed in different fields, without a conflict', async () => {
  const [, two] = await bed.records('companies')
  const { id } = two!
  await bed.changeHere('companies', id, { city: 'Here', warp_credit_limit: '10' })
  await bed.change('companies', [{ id, properties: { phone: '+13035550111', industry: 'RETAIL' } }])
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ conflicts: 0 })
  expect(await bed.here('companies', id)).toMatchObject({
    ...{ city: 'Here', warp_credit_limit: '10', phone: '+13035550111', industry: 'RETAIL' },
  })
  expect(await conflicts({ hubId: (await rowsOf(bed, 'companies')).get(id)!.id })).toEqual([])
})

it('fault 52: lets the policy decide between a deletion there and a change here, and asks a person where it says so', async () => {
  const contacts = await bed.records('contacts')
  const [gone, asked] = contacts
  await bed.savePolicy({ deletions: [{ objectType: 'DEALS', policy: 'MANUAL' }] })
  const [deal] = await bed.records('deals')
  await bed.changeHere('contacts', gone!.id, { city: 'Here' })
  await bed.changeHere('deals', deal!.id, { dealname: 'Ours' })
  await bed.sim('records/contacts', { id: gone!.id, archive: true })
  await bed.sim('records/contacts', { id: asked!.id, archive: true })
  await bed.sim('records/deals', { id: deal!.id, archive: true })
  await bed.sync('RECONCILE')
  const isGone = async (type: 'contacts' | 'deals', id: string) =>
    (await rowsOf(bed, type)).get(id)!.gone_at !== null
  expect([await isGone('contacts', gone!.id), await isGone('contacts', asked!.id)]).toEqual([true, true])
  expect(await isGone('deals', deal!.id)).toBe(false)
  const about = async (state: string) => await conflicts({ state, field: '@record' })
  expect(await about('SETTLED')).toMatchObject([
    { recordId: gone!.id, outcome: 'HUBSPOT', hubspot: text('deleted'), hub: text('changed') },
  ])
  expect(await about('OPEN')).toMatchObject([{ recordId: deal!.id, policy: 'MANUAL', wouldHave: 'HUBSPOT' }])
  // Met again by every reading, and one question all the same; it is none any more once the record is back.
  await bed.sync('RECONCILE')
  expect(await about('OPEN')).toHaveLength(1)
  await bed.sim('records/deals', { id: deal!.id, restore: true })
  await bed.sync('RECONCILE')
  expect(await about('AGREED')).toMatchObject([{ recordId: deal!.id }])
  expect((await bed.here('deals', deal!.id)).dealname).toBe('Ours')
})

it('ends what is open of a record that goes', async () => {
  const deal = (await bed.records('deals'))[3]!
  await bed.changeHere('deals', deal.id, { amount: '1' })
  await bed.change('deals', [{ id: deal.id, properties: { amount: '2' } }])
  await bed.sync('INCREMENTAL')
  expect(await conflicts({ field: 'amount', state: 'OPEN' })).toHaveLength(1)
  await bed.savePolicy({ deletions: [{ objectType: 'DEALS', policy: null }] })
  await bed.sim('records/deals', { id: deal.id, archive: true })
  await bed.sync('RECONCILE')
  expect(await conflicts({ field: 'amount' })).toMatchObject([
    { state: 'GONE', outcome: 'NOBODY', version: 2 },
  ])
})

it('keeps personal values from whoever may not see persons, and all values from whoever may not see customers', async () => {
  const contact = (await bed.records('contacts'))[5]!
  await bed.changeHere('contacts', contact.id, { firstname: 'Ours', warp_role: 'admin' })
  await bed.change('contacts', [
    { id: contact.id, properties: { firstname: 'Theirs', warp_role: 'billing' } },
  ])
  await bed.sync('INCREMENTAL')
  expect(await bed.here('contacts', contact.id)).toMatchObject({ firstname: 'Theirs', warp_role: 'admin' })
  const seen = async (...scopes: string[]) => {
    const found = await conflicts(
      { objectType: 'CONTACTS', state: 'SETTLED' },
      principal(ORG, 'sync:read', ...scopes),
    )
    const of = (field: string) => {
      const { personal, masked, hub, hubspot } = found.find((each) => each.field === field)
      return [personal, masked, hub?.text ?? null, hubspot?.text ?? null]
    }
    return [of('firstname'), of('warp_role')]
  }
  expect(await seen('customers:read', 'pii:read')).toEqual([
    [true, false, 'Ours', 'Theirs'],
    [false, false, 'admin', 'billing'],
  ])
  expect(await seen('customers:read')).toEqual([
    [true, true, null, null],
    [false, false, 'admin', 'billing'],
  ])
  const { data } = await bed.answer(
    '{ conflicts(filter: { objectType: CONTACTS }) { nodes { field masked hub { text } } } }',
    {},
    principal(ORG, 'sync:read'),
  )
  expect(
    data.conflicts.nodes.every(
      ({ masked, hub }: { masked: boolean; hub: unknown }) => masked && hub === null,
    ),
  ).toBe(true)
})
