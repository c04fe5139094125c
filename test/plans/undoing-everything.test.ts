import { expect, it } from 'vitest'
import { idFrom } from '#kernel/ids.ts'
import { linksOf, RECORD_TYPES, type RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { OWN_OBJECT_TYPES, type OwnedType } from '#subgraphs/customers/domain/own-objects.ts'
import { EXTERNAL_KEY, OWN_PROPERTIES } from '#subgraphs/customers/domain/own-properties.ts'
import { catalogOf, type PortalPropertyRow } from '#subgraphs/customers/store/catalog.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { takesOf } from '#subgraphs/customers/sync/takes.ts'
import type { LocalChanges } from '#sync/local-change.ts'
import type { FieldValue, Values } from '#sync/values.ts'
import { ORG, type SimRecord, worker } from '#test/kit/customers.ts'
import { callPortal } from '#test/kit/portal.ts'
import { rowsOf } from '../customers/rows.ts'
import { approve, done, type PlansBed, planned, plansBed, undone } from './bed.ts'

const PROVISION = 'mutation ($id: ID!) { provisionHubSpot(integrationId: $id) { __typename } }'

/** When it was touched, and what HubSpot stamps by itself when somebody does something there. */
const STAMPED = new Set(['hs_lastmodifieddate', 'lastmodifieddate', 'hs_task_completion_date', EXTERNAL_KEY])

const TYPES: readonly OwnedType[] = [...RECORD_TYPES, ...OWN_OBJECT_TYPES]

/** The kinds of record that the portal has, by the hub's name for them, as it calls them. */
const typeIds = async (bed: PlansBed): Promise<Map<OwnedType, string>> => {
  const { results } = await callPortal<{ results: { name: string; objectTypeId: string }[] }>(
    bed.portal,
    '/crm/v3/schemas',
  )
  const made = results.map(({ name, objectTypeId }) => [`${name}s` as OwnedType, objectTypeId] as const)
  return new Map([...RECORD_TYPES.map((type) => [type, type] as const), ...made])
}

/** What the portal says of every record, whole: its properties and links. */
const whole = async (bed: PlansBed): Promise<Map<string, object>> => {
  const told = [...(await typeIds(bed))].map(async ([type, name]) =>
    (await bed.records(name, `&associations=companies,contacts,deals,tickets`)).map((record: SimRecord) => {
      const { id, properties, associations, archived } = record
      const said = Object.entries(properties).filter(([name, value]) => !STAMPED.has(name) && value)
      return [`${type} ${id}`, { ...Object.fromEntries(said), associations, archived }] as const
    }),
  )
  return new Map((await Promise.all(told)).flat())
}

/** Another value than the one it has. */
const another = (property: PortalPropertyRow, held: unknown, owners: readonly string[]): FieldValue => {
  const { name, kind, options } = property
  if (name === 'hubspot_owner_id') return owners.find((owner) => owner !== held) ?? null
  const other = options.map(({ value }) => value).find((value) => value !== held)
  if (other !== undefined) return other
  if (kind === 'number') return '4711'
  if (kind === 'date') return '2031-02-03'
  if (kind === 'datetime') return '2031-02-03T04:05:06.000Z'
  if (name === 'email') return 'ours@ours.example'
  return name === 'domain' ? 'OURS.example' : `Ours ${name}`
}

it('undoing a run gives every field of every kind of record that the hub may write back the value that it had, whole', async () => {
  await using bed = await plansBed({ companies: 12, firstPush: true })
  await bed.ask(PROVISION, { id: bed.integrationId })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const place = { orgId: ORG, integrationId: bed.integrationId }
  const change = (type: OwnedType, changes: LocalChanges) =>
    bed.database.transaction(ORG, (tx) => changeRecords(tx, { ...place, type }, changes, bed.clock.now()))
  const companies = [...(await rowsOf(bed, 'companies')).values()]
  const [company, other] = [companies[0]!, companies[1]!]
  const own = new Map<OwnedType, { id: string; properties: Values }>(
    OWN_OBJECT_TYPES.map((type) => [type, { id: idFrom(type), properties: {} }]),
  )
  const links = { '@companies': [company.external_id] }
  const trunk = { name: 'Production', trunk_id: 'trunk_1', status: 'active', concurrent_calls: 30, ...links }
  const number = { number: '+13035551000', type: 'local', capabilities: 'voice;sms', ...links }
  await change('trunks', { creates: [{ localId: idFrom('trunks'), values: trunk }] })
  await change('numbers', { creates: [{ localId: idFrom('numbers'), values: number }] })
  await done(bed, await planned(bed))
  const before = await whole(bed)

  const catalog = await bed.database.read(ORG, (tx) => catalogOf(tx, place))
  const takes = takesOf(catalog, { sendsAddresses: false })
  const owners = (await bed.records('companies')).flatMap(
    ({ properties }) => properties.hubspot_owner_id ?? [],
  )
  const changed = new Map<string, string[]>()
  for (const type of TYPES) {
    const row = own.get(type) ?? [...(await rowsOf(bed, type as RecordType)).values()][0]!
    const fields = (catalog.get(type) ?? []).flatMap((property): [string, FieldValue][] => {
      const value = another(property, row.properties[property.name], owners)
      return takes(type, property.name, value) ? [[property.name, value]] : []
    })
    const isLinked = own.has(type) || linksOf(type as RecordType).includes('companies')
    const linked: Values = isLinked ? { '@companies': [other.external_id] } : {}
    changed.set(
      type,
      fields.map(([name]) => name),
    )
    await change(type, {
      updates: [{ localId: row.id, values: { ...Object.fromEntries(fields), ...linked } }],
    })
  }
  // Nothing that the hub calls its own was left out.
  for (const type of RECORD_TYPES)
    expect(
      OWN_PROPERTIES[type].filter(({ name }) => name !== EXTERNAL_KEY && !changed.get(type)?.includes(name)),
    ).toEqual([])
  const plan = await planned(bed)
  const run = await done(bed, plan)
  expect(run).toMatchObject({ updated: TYPES.length, failed: 0 })
  // HubSpot may write what it was told in its own way: that is nobody's newer work.
  const { updatedAt: at } = (await bed.records('companies')).find(({ id }) => id === company.external_id)!
  await bed.sim('records/companies', { id: company.external_id, properties: { domain: 'ours.example' }, at })
  const between = await whole(bed)
  expect(
    [...before].filter(([name, said]) => JSON.stringify(said) !== JSON.stringify(between.get(name))).length,
  ).toBeGreaterThanOrEqual(TYPES.length)

  const undo = await undone(bed, run.id)
  expect(undo.items.nodes.map(({ type, action, state, reason }) => [type, action, state, reason])).toEqual(
    [...TYPES].sort().map((type) => [type, 'UPDATE', 'PENDING', null]),
  )
  await done(bed, undo)
  expect(await bed.outgoing()).toEqual([])
  const after = await whole(bed)
  expect(Object.fromEntries(after)).toEqual(Object.fromEntries(before))
})

it('undoing makes no newer work of anybody undone: it shows what was changed in HubSpot since, read or not, and leaves it; what was made goes, what cannot come back is named', async () => {
  await using bed = await plansBed({ companies: 12, firstPush: true, keyed: true })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const companies = [...(await rowsOf(bed, 'companies')).values()]
  const contacts = [...(await rowsOf(bed, 'contacts')).values()]
  const company = (n: number) => companies[n]!
  const ofOthers = ({ properties }: { properties: Record<string, unknown> }) =>
    [0, 1, 2, 3, 4].every((n) => !String(properties['@companies']).includes(company(n).external_id))
  const deleted = contacts.find(ofOthers)!
  const assumed = { createdate: bed.clock.now().toISOString() }
  const [made, kept, person] = ['made', 'kept', 'person'].map((name) => idFrom(name)) as [
    string,
    string,
    string,
  ]
  const creates = [made, kept].map((localId, n) => ({ localId, values: { name: `Made ${n}` }, assumed }))
  const values = { city: 'Ours', phone: '+1 212 555 0100' }
  const updates = [0, 1, 2, 3, 4].map((n) => ({ localId: company(n).id, values }))
  await bed.change('companies', { creates, updates })
  await bed.change('contacts', {
    creates: [
      { localId: person, values: { email: 'a@made.example', '@companies': [`new:${made}!`] }, assumed },
    ],
    deletes: [deleted.id],
  })
  const before = await whole(bed)
  const run = await done(bed, await planned(bed))
  const there = (list: object[]) => bed.sim('records/companies', { list })
  const idOf = async (localId: string) =>
    (await bed.records('companies')).find(({ properties }) => properties.hub_external_key === localId)?.id
  await there([{ id: company(1).external_id, properties: { city: 'Newer' } }])
  await bed.sync('INCREMENTAL')
  await there([
    { id: company(0).external_id, properties: { city: 'Newer' } },
    { id: company(2).external_id, properties: { state: 'Newer' } },
    { id: company(3).external_id, archive: true },
    { id: await idOf(kept), properties: { name: 'Newer' } },
  ])

  const undo = await undone(bed, run.id)
  const itemOf = (localId: string) => undo.items.nodes.find((item) => item.localId === localId)
  const newer = { field: 'city', from: 'Ours', to: 'Ours', theirs: 'Newer', outcome: 'theirs' }
  const back = { field: 'phone', from: values.phone, outcome: null }
  expect(itemOf(company(0).id)).toMatchObject({
    ...{ action: 'CONFLICT', state: 'PENDING', reason: expect.stringContaining('left as they are') },
    fields: [newer, { ...back, to: company(0).properties.phone ?? null }],
  })
  expect(itemOf(company(1).id)).toMatchObject({
    action: 'CONFLICT',
    fields: [
      { ...newer, from: 'Newer', to: 'Newer' },
      { ...back, to: company(1).properties.phone ?? null },
    ],
  })
  expect(itemOf(company(2).id)).toMatchObject({ action: 'UPDATE', reason: null, fields: [{}, {}] })
  expect(itemOf(company(3).id)).toMatchObject({
    state: 'IMPOSSIBLE',
    reason: 'The other system no longer has the record.',
  })
  expect(itemOf(made)).toMatchObject({
    ...{ direction: 'OUT', action: 'DELETE', state: 'PENDING', recordId: await idOf(made) },
    ...{
      reason: expect.stringContaining('deleted again'),
      fields: [{ field: 'name', from: 'Made 0', to: null }],
    },
  })
  expect(itemOf(kept)).toMatchObject({
    state: 'IMPOSSIBLE',
    reason: expect.stringContaining('changed it since'),
  })
  expect(itemOf(person)).toMatchObject({ action: 'DELETE', state: 'PENDING' })
  expect(itemOf(deleted.id)).toMatchObject({
    ...{ action: 'CREATE', state: 'IMPOSSIBLE', reason: expect.stringContaining('Only the other system') },
  })

  // Somebody works on one more before it is approved: nothing is done, and the next plan knows.
  await there([{ id: company(4).external_id, properties: { city: 'Newest' } }])
  const untouched = await whole(bed)
  expect(await approve(bed, undo)).toMatchObject({
    __typename: 'PlanMoved',
    items: [{ recordId: company(4).external_id, movedTo: { fields: [{ field: 'city', to: 'Newest' }] } }],
  })
  expect(await whole(bed)).toEqual(untouched)
  const again = await undone(bed, run.id)
  expect(again.items.nodes.find(({ localId }) => localId === company(4).id)).toMatchObject({
    action: 'CONFLICT',
  })
  await bed.sim('journal', undefined, 'DELETE')
  await done(bed, again)
  expect((await bed.journal()).counts.total).toBe(again.apiCalls)

  const after = await whole(bed)
  const said = (n: number) => `companies ${company(n).external_id}`
  expect(after.get(said(0))).toEqual({ ...before.get(said(0)), city: 'Newer' })
  expect(after.get(said(1))).toEqual({ ...before.get(said(1)), city: 'Newer' })
  expect(after.get(said(2))).toEqual({ ...before.get(said(2)), state: 'Newer' })
  expect(after.get(said(4))).toEqual({ ...before.get(said(4)), city: 'Newest' })
  expect(after.get(`companies ${await idOf(made)}`)).toMatchObject({ archived: true })
  expect(after.get(`companies ${await idOf(kept)}`)).toMatchObject({ archived: false, name: 'Newer' })
  // What a person restores there is back here, as it was.
  const { external_id: id, id: localId } = deleted
  await bed.sim('records/contacts', { id, restore: true })
  await bed.allowAll()
  await bed.sync('RECONCILE')
  expect((await rowsOf(bed, 'contacts')).get(id)).toMatchObject({ id: localId, gone_at: null })
  expect(await bed.outgoing()).toEqual([])
})
