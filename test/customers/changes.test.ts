import { expect, it } from 'vitest'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { customersBed, importedBed, ORG, worker } from '#test/kit/customers.ts'
import { eventsOf, rowsOf } from './rows.ts'

const imported = (companies: number, clock: Clock = systemClock) =>
  importedBed({ companies, clock }, [worker])

it('brings 37 changed companies over with at most twelve requests', async () => {
  await using bed = await imported(200)
  const changed = (await bed.records('companies')).slice(50, 87)
  await bed.sim('records/companies', {
    list: changed.map(({ id }, n) => ({ id, properties: { name: `Renamed ${n}` } })),
  })
  const run = await bed.sync('INCREMENTAL')
  expect(run).toMatchObject({ state: 'COMPLETED', updated: 37, created: 0, deleted: 0 })
  const { entries } = await bed.journal()
  expect(entries.length).toBeLessThanOrEqual(12)
  const here = await rowsOf(bed, 'companies')
  expect(changed.map(({ id }) => here.get(id)?.properties.name)).toEqual(
    changed.map((_, n) => `Renamed ${n}`),
  )
  // What they said before is kept with the time until which it was so.
  const versions = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.versions').select(['record_id', 'valid_to']).execute(),
  )
  expect(versions).toHaveLength(37)
  const told = await eventsOf<{ changed: string[] }>(bed, 'customers.company.changed')
  expect(told.slice(-37).every((event) => event.changed.join() === 'name')).toBe(true)
})

it('does not write again what the overlap reads again', async () => {
  await using bed = await imported(30)
  const [company] = await bed.records('companies')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'Once' } })
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 1 })
  const row = (await rowsOf(bed, 'companies')).get(company!.id)
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 0, created: 0 })
  expect((await rowsOf(bed, 'companies')).get(company!.id)).toEqual(row)
})

it('tells of a deal that moved from which stage it came', async () => {
  await using bed = await imported(30)
  const deal = (await bed.records('deals')).find(
    ({ properties }) => properties.dealstage === 'qualifiedtobuy',
  )!
  await bed.sim('records/deals', { id: deal.id, properties: { dealstage: 'contractsent' } })
  await bed.sync('INCREMENTAL')
  const told = (await eventsOf(bed, 'customers.deal.changed')).at(-1)
  expect(told).toMatchObject({ stage: 'contractsent', previousStage: 'qualifiedtobuy', isOpen: true })
})

it('fault 24: reads 2,500 records of one modified time once, past the search cap, and ends', async () => {
  await using bed = await imported(834)
  const at = systemClock.now().toISOString()
  await bed.sim('records/contacts', { touch: 2500, at })
  const run = await bed.sync('INCREMENTAL')
  expect(run).toMatchObject({ state: 'COMPLETED' })
  const { entries } = await bed.journal()
  const searches = entries.filter(({ path }) => path.includes('contacts/search')).length
  // 200 rows a search; the first page shows that they are one group, which is then read by id.
  expect(searches).toBeLessThanOrEqual(Math.ceil(2500 / 200) * 1.1 + 2)
  const contacts = run.types.find(({ type }) => type === 'contacts')!
  expect(contacts.done).toBeGreaterThanOrEqual(2500)
  expect(contacts.done).toBeLessThanOrEqual(2502)
})

it('keeps what somebody changed here when another field changes there, and remembers what both had agreed on', async () => {
  await using bed = await imported(10)
  const [record] = await bed.records('companies')
  const before = (await rowsOf(bed, 'companies')).get(record!.id)!
  await bed.change('companies', { updates: [{ localId: before.id, values: { city: 'Here' } }] })
  await bed.sim('records/companies', { id: record!.id, properties: { phone: '+1 555 0100' } })
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 1, conflicts: 0 })
  const after = (await rowsOf(bed, 'companies')).get(record!.id)!
  expect(after.properties).toEqual({ ...before.properties, city: 'Here', phone: '+1 555 0100' })
  const links = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.links').select('base').where('local_id', '=', before.id).execute(),
  )
  expect(links[0]?.base).toEqual({ ...before.properties, phone: '+1 555 0100' })
  // Both change the city: the source is right, by this subgraph's policy, and the decision is written down.
  await bed.sim('records/companies', { id: record!.id, properties: { city: 'There' } })
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 1, conflicts: 1 })
  expect((await rowsOf(bed, 'companies')).get(record!.id)!.properties.city).toBe('There')
})

it('fault 26: finds a record that changed 20 s before the poll under 30 s of index lag, at the next poll', async () => {
  const shift = { ms: 0 }
  const clock = { now: () => new Date(systemClock.now().getTime() + shift.ms) }
  await using bed = await imported(30, clock)
  const [quiet, other] = await bed.records('companies')
  await bed.sim('faults', { indexLagMs: 30_000 })
  await bed.sim('records/companies', { id: quiet!.id, properties: { name: 'Seen late' } })
  shift.ms = 20_000
  await bed.sync('INCREMENTAL')
  expect((await rowsOf(bed, 'companies')).get(quiet!.id)?.properties.name).not.toBe('Seen late')
  // Another record moves the watermark past the change that the index had not shown yet.
  await bed.sim('records/companies', { id: other!.id, properties: { name: 'Seen' } })
  shift.ms = 55_000
  await bed.sync('INCREMENTAL')
  shift.ms = 80_000
  await bed.sync('INCREMENTAL')
  const here = await rowsOf(bed, 'companies')
  expect(here.get(quiet!.id)?.properties.name).toBe('Seen late')
  expect(here.get(other!.id)?.properties.name).toBe('Seen')
})

it('fault 25: ends equal to the portal when records change while they are being read', async () => {
  await using bed = await customersBed({ companies: 250 })
  const there = await bed.records('companies')
  const change = (n: number, name: string) => ({ id: there[n]!.id, properties: { name } })
  // One on a page that was read already, one on a page to come, between the first page and the second.
  await bed.sim('faults', {
    list: [
      {
        path: 'objects/companies\\?.*after=',
        times: 1,
        play: {
          do: 'trigger',
          name: 'change-records',
          detail: { type: 'companies', changes: [change(3, 'Behind'), change(240, 'Ahead')] },
        },
      },
    ],
  })
  await using _ = worker(bed)
  await bed.sync('FULL')
  await bed.sync('INCREMENTAL')
  const here = await rowsOf(bed, 'companies')
  for (const record of await bed.records('companies'))
    expect(here.get(record.id)?.properties.name).toBe(record.properties.name)
  expect(here.get(there[3]!.id)?.properties.name).toBe('Behind')
})

it('fault 28: shows an archived record no more, and shows it with its links when it is restored', async () => {
  await using bed = await imported(30)
  const contact = (await bed.records('contacts', '&associations=companies')).find(
    (each) => (each.associations?.companies?.length ?? 0) > 0,
  )!
  const before = (await rowsOf(bed, 'contacts')).get(contact.id)!
  await bed.sim('records/contacts', { id: contact.id, archive: true })
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ deleted: 1 })
  expect((await rowsOf(bed, 'contacts')).get(contact.id)?.gone_at).not.toBeNull()
  expect((await eventsOf(bed, 'customers.contact.changed')).at(-1)).toMatchObject({ deleted: true })
  // Again nothing: it is known to be gone.
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ deleted: 0, updated: 0 })
  await bed.sim('records/contacts', { id: contact.id, restore: true })
  await bed.sync('INCREMENTAL')
  const after = (await rowsOf(bed, 'contacts')).get(contact.id)!
  expect(after).toMatchObject({ id: before.id, gone_at: null, properties: before.properties })
  expect((await eventsOf(bed, 'customers.contact.changed')).at(-1)).toMatchObject({ deleted: false })
})

it('finds by reconciling what was archived and deleted while nobody looked', async () => {
  await using bed = await imported(30)
  const [first, second] = await bed.records('companies')
  await bed.sim('records/companies', {
    list: [
      { id: first!.id, archive: true },
      { id: second!.id, archive: true },
    ],
  })
  expect(await bed.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED', deleted: 2 })
  await bed.sim('records/companies', { id: second!.id, restore: true })
  expect(await bed.sync('RECONCILE')).toMatchObject({ created: 0, deleted: 0 })
  const here = await rowsOf(bed, 'companies')
  expect([here.get(first!.id)?.gone_at === null, here.get(second!.id)?.gone_at === null]).toEqual([
    false,
    true,
  ])
})

it('fault 27: follows merged contacts to the one that is left, with its id, its history and no double', async () => {
  await using bed = await imported(30)
  const [winner, loser] = await bed.records('contacts')
  const before = await rowsOf(bed, 'contacts')
  await bed.sim('records/contacts', { id: winner!.id, merge: loser!.id })
  await bed.sync('INCREMENTAL')
  const rows = [...(await rowsOf(bed, 'contacts')).values()]
  const live = rows.filter((row) => row.gone_at === null)
  const there = (await bed.records('contacts')).filter(
    (record) => !record.archived && !('mergedInto' in record),
  )
  expect(live.map((row) => row.external_id).sort()).toEqual(there.map((record) => record.id).sort())
  const kept = rows.find((row) => row.id === before.get(winner!.id)!.id)!
  const gone = rows.find((row) => row.id === before.get(loser!.id)!.id)!
  // Whichever id the portal gives the merged record, one of ours stays and the other leads to it.
  const survivor = [kept, gone].find((row) => row.gone_at === null)!
  const other = [kept, gone].find((row) => row.gone_at !== null)!
  expect(other.merged_into).toBe(survivor.id)
  expect(other.properties).toEqual((before.get(other.external_id) ?? before.get(loser!.id))!.properties)
  // And it stays so.
  expect(await bed.sync('RECONCILE')).toMatchObject({ created: 0, deleted: 0 })
})

it('takes away the link of an association that was removed', async () => {
  await using bed = await imported(30)
  const deal = (await bed.records('deals', '&associations=companies')).find(
    (each) => (each.associations?.companies?.length ?? 0) > 0,
  )!
  const company = deal.associations!.companies![0]!.id
  const edges = async () =>
    (
      await bed.database.read(ORG, (tx) =>
        tx
          .selectFrom('customers.edges')
          .select('to_id')
          .where('from_type', '=', 'deals')
          .where('from_id', '=', deal.id)
          .where('to_type', '=', 'companies')
          .execute(),
      )
    ).map((edge) => edge.to_id)
  expect(await edges()).toContain(company)
  await bed.sim('records/deals', { id: deal.id, dissociate: { to: 'companies', id: company } })
  await bed.sync('RECONCILE')
  expect(await edges()).not.toContain(company)
  // Back again, with a change that the next poll notices: one request reads the links of all that changed.
  await bed.sim('records/deals', { id: deal.id, associate: { to: 'companies', id: company, primary: true } })
  await bed.sim('records/deals', { id: deal.id, properties: { dealname: 'Linked again' } })
  await bed.sim('journal', undefined, 'DELETE')
  await bed.sync('INCREMENTAL')
  expect(await edges()).toContain(company)
  expect((await bed.journal()).entries.filter(({ path }) => path.includes('/associations/'))).toHaveLength(2)
})

it('fault 31: reads all of 1,000 custom properties without an address that is too long', async () => {
  await using bed = await customersBed({ companies: 12 })
  await bed.sim('seed', { companies: 12, customProperties: { companies: 1000 } })
  await using _ = worker(bed)
  expect(await bed.sync('FULL')).toMatchObject({ state: 'COMPLETED', failed: 0 })
  const here = await rowsOf(bed, 'companies')
  for (const record of await bed.records('companies')) {
    const { properties } = here.get(record.id)!
    const custom = Object.entries(record.properties).filter(
      ([name, value]) => value !== null && !name.startsWith('hs_') && name !== 'createdate',
    )
    expect(custom.length).toBeGreaterThan(500)
    for (const [name, value] of custom) expect(properties[name]).toBe(value)
  }
  expect((await bed.journal()).entries.every(({ status }) => status < 400)).toBe(true)
})
