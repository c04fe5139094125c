import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { type CustomersBed, importedBed, ORG, reader, worker, writer } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { until } from '#test/kit/until.ts'

const bedWithKeys = () => importedBed({ companies: 5, keyed: true })
const written = (bed: CustomersBed) => until(async () => (await bed.outgoing()).length === 0)
const heldById = async (bed: CustomersBed, type: RecordType, id: string) =>
  [...(await rowsOf(bed, type)).values()].find((row) => row.id === id)
const made = async (bed: CustomersBed, type: RecordType, key: string, linkedTo = 'companies') =>
  (await bed.records(type, `&associations=${linkedTo}`)).filter(
    ({ properties }) => properties.hub_external_key === key,
  )
const create = (bed: CustomersBed, type: RecordType, values: Record<string, string | string[]>) => {
  const localId = randomUUID()
  return bed
    .change(type, { creates: [{ localId, values, assumed: { createdate: bed.clock.now().toISOString() } }] })
    .then(() => localId)
}

it('makes records in HubSpot once, with links to others that are new there too, and then knows them by their ids', async () => {
  await using bed = await bedWithKeys()
  const company = await create(bed, 'companies', { name: 'Brand New', domain: 'brand-new.example' })
  const contact = await create(bed, 'contacts', {
    email: 'anna@brand-new.example',
    '@companies': [`new:${company}!`],
  })
  const deal = await create(bed, 'deals', {
    ...{ dealname: 'First order', pipeline: 'default', dealstage: 'qualifiedtobuy' },
    ...{ '@companies': [`new:${company}!`], '@contacts': [`new:${contact}`] },
  })
  {
    await using _ = writer(bed)
    await written(bed)
  }
  const [there] = await made(bed, 'companies', company)
  const [person] = await made(bed, 'contacts', contact)
  const [order] = await made(bed, 'deals', deal)
  expect(person?.associations?.companies?.map(({ id }) => id)).toEqual([there!.id])
  expect(order?.associations?.companies?.map(({ id }) => id)).toEqual([there!.id])
  const [asked] = await made(bed, 'deals', deal, 'contacts')
  expect(asked?.associations?.contacts?.map(({ id }) => id)).toEqual([person!.id])
  expect(await heldById(bed, 'companies', company)).toMatchObject({ external_id: there!.id, gone_at: null })
  expect(await heldById(bed, 'deals', deal)).toMatchObject({
    external_id: order!.id,
    properties: { '@companies': [`${there!.id}!`], '@contacts': [person!.id] },
  })
  // Whoever still has the name that the company had before means that company.
  const late = await create(bed, 'contacts', {
    email: 'late@brand-new.example',
    '@companies': [`new:${company}!`],
  })
  expect(await heldById(bed, 'contacts', late)).toMatchObject({
    properties: { '@companies': [`${there!.id}!`] },
  })
  await using __ = writer(bed)
  await written(bed)
  // What HubSpot has added is taken in, and nothing of it is written back or made twice.
  await using _ = worker(bed)
  expect(await bed.sync('RECONCILE')).toMatchObject({
    state: 'COMPLETED',
    created: 0,
    deleted: 0,
    conflicts: 0,
  })
  expect(await bed.outgoing()).toEqual([])
  expect(await checkLedger(bed)).toEqual(CLEAN)
})

it.each([
  ['the connection is closed', { do: 'close', afterCommit: true }],
  ['a proxy answers', { do: 'html', afterCommit: true }],
])('fault 20: makes one record when HubSpot has made it and %s', async (_, play) => {
  await using bed = await bedWithKeys()
  await bed.sim('faults', { path: '/crm/v3/objects/companies/batch/upsert', times: 1, play })
  const company = await create(bed, 'companies', { name: 'Once', domain: 'once.example' })
  await using __ = writer(bed)
  await written(bed)
  expect(await made(bed, 'companies', company)).toHaveLength(1)
  const writes = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.writes').select('state').orderBy('written_at').execute(),
  )
  expect(writes.map(({ state }) => state)).toEqual(['UNKNOWN', 'DONE'])
})

it('knows a record that it has made also when somebody reads it before the answer comes', async () => {
  await using bed = await bedWithKeys()
  await bed.sim('faults', {
    path: '/crm/v3/objects/companies/batch/upsert',
    times: 1,
    play: { do: 'close', afterCommit: true },
  })
  const company = await create(bed, 'companies', { name: 'Read first', domain: 'first.example' })
  {
    // Its first try makes it and hears nothing; nobody tries again.
    await using _ = writer(bed)
    await until(async () => (await made(bed, 'companies', company)).length === 1)
  }
  const [there] = await made(bed, 'companies', company)
  {
    await using _ = reader(bed)
    await bed.note('companies', [there!.id])
    await until(async () => (await bed.waiting()).length === 0)
  }
  expect(await heldById(bed, 'companies', company)).toMatchObject({ external_id: there!.id })
  expect(
    [...(await rowsOf(bed, 'companies')).values()].filter(
      ({ properties }) => properties.name === 'Read first',
    ),
  ).toHaveLength(1)
  await using _ = writer(bed)
  await written(bed)
  expect(await made(bed, 'companies', company)).toHaveLength(1)
})

it('takes a person who is in HubSpot already for that person, and changes what differs', async () => {
  await using bed = await bedWithKeys()
  await bed.sim('records/contacts', { properties: { email: 'known@there.example', firstname: 'Known' } })
  const contact = await create(bed, 'contacts', { email: 'known@there.example', jobtitle: 'Buyer of bells' })
  await using _ = writer(bed)
  await using __ = reader(bed)
  await until(async () =>
    (await bed.records('contacts')).some(({ properties }) => properties.jobtitle === 'Buyer of bells'),
  )
  await written(bed)
  const same = (await bed.records('contacts')).filter(
    ({ properties }) => properties.email === 'known@there.example',
  )
  expect(same).toHaveLength(1)
  expect(await heldById(bed, 'contacts', contact)).toMatchObject({
    external_id: same[0]!.id,
    properties: { firstname: 'Known', jobtitle: 'Buyer of bells' },
  })
})

it('archives what was deleted here, and never makes what was deleted before it was written', async () => {
  await using bed = await bedWithKeys()
  const [first] = await rowsOf(bed, 'contacts')
  const [externalId, { id }] = first!
  const never = await create(bed, 'contacts', { email: 'never@there.example' })
  await bed.change('contacts', { deletes: [id, never] })
  expect((await rowsOf(bed, 'contacts')).get(externalId)?.gone_at).not.toBeNull()
  await using _ = writer(bed)
  await written(bed)
  expect((await bed.records('contacts')).find((record) => record.id === externalId)?.archived).toBe(true)
  expect(await made(bed, 'contacts', never)).toEqual([])
  await using __ = worker(bed)
  await bed.sync('RECONCILE')
  expect((await rowsOf(bed, 'contacts')).get(externalId)?.gone_at).not.toBeNull()
})
