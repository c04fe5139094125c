import { expect, it } from 'vitest'
import { type CustomersBed, importedBed, ORG, reader } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf, rowsOf } from './rows.ts'

const settled = (bed: CustomersBed) => until(async () => (await bed.waiting()).length === 0)
const lanes = (bed: CustomersBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('sync.signal_lanes').select(['lease_until', 'rest_until']).execute(),
  )
const nameOf = async (bed: CustomersBed, id: string) =>
  (await rowsOf(bed, 'companies')).get(id)?.properties.name

it('brings over what signals name, with its events, in one batch read per hundred and nothing per record', async () => {
  await using bed = await importedBed({ companies: 130 })
  const there = (await bed.records('companies')).slice(0, 120)
  await bed.sim('records/companies', {
    list: there.map(({ id }, n) => ({ id, properties: { name: `Told ${n}` } })),
  })
  const ids = there.map(({ id }) => id)
  await bed.note('companies', ids)
  // Again and again, as messages come: once is enough.
  await bed.note('companies', ids)
  await using _ = reader(bed)
  await settled(bed)
  const here = await rowsOf(bed, 'companies')
  expect(ids.map((id) => here.get(id)?.properties.name)).toEqual(ids.map((_, n) => `Told ${n}`))
  const { entries } = await bed.journal()
  expect(entries.map(({ path }) => path)).toEqual(Array(2).fill('/crm/v3/objects/companies/batch/read'))
  const told = await eventsOf<{ companyId: string; changed: string[] }>(bed, 'customers.company.changed')
  expect(told.slice(130).map((event) => event.changed.join())).toEqual(Array(120).fill('name'))
})

it('takes as many statements for a batch of ninety signals as for one of nine', async () => {
  await using bed = await importedBed({ companies: 100 })
  const there = await bed.records('companies')
  const statementsFor = async (some: typeof there, name: string) => {
    await bed.sim('records/companies', { list: some.map(({ id }) => ({ id, properties: { name } })) })
    const ids = some.map(({ id }) => id)
    await bed.note('companies', ids)
    const taken: string[] = []
    // How often it looks for lanes, and keeps one, goes by the clock and by who wakes it.
    const onStatement = (text: string) => void (text.includes('with recursive lanes') || taken.push(text))
    await using _ = reader(bed, { leaseMs: 600_000, onStatement })
    await until(async () => (await nameOf(bed, ids[0]!)) === name && (await bed.waiting()).length === 0)
    await until(async () => (await lanes(bed)).every((lane) => lane.lease_until === null))
    return taken.length
  }
  const few = await statementsFor(there.slice(0, 9), 'Few')
  expect(await statementsFor(there.slice(9, 99), 'Many')).toBe(few)
})

it('reads the links of what signals name, and takes away the one that was removed', async () => {
  await using bed = await importedBed({ companies: 30 })
  const deal = (await bed.records('deals', '&associations=companies')).find(
    (each) => (each.associations?.companies?.length ?? 0) > 0,
  )!
  const company = deal.associations!.companies![0]!.id
  await bed.sim('records/deals', { id: deal.id, dissociate: { to: 'companies', id: company } })
  await bed.note('deals', [deal.id], { hasLinks: true })
  await using _ = reader(bed)
  await settled(bed)
  const edges = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('customers.edges')
      .select('to_id')
      .where('from_type', '=', 'deals')
      .where('from_id', '=', deal.id)
      .where('to_type', '=', 'companies')
      .execute(),
  )
  expect(edges.map((edge) => edge.to_id)).not.toContain(company)
  expect((await bed.journal()).entries).toHaveLength(3)
})

it('ends rightly for records that were archived, restored, made, merged, or that nobody knows', async () => {
  await using bed = await importedBed({ companies: 30 })
  const [archived, winner, loser] = await bed.records('contacts')
  const before = await rowsOf(bed, 'contacts')
  await bed.sim('records/contacts', { id: archived!.id, archive: true })
  await bed.sim('records/contacts', { id: winner!.id, merge: loser!.id })
  await bed.sim('records/contacts', { properties: { firstname: 'New', email: 'new@example.com' } })
  const there = (await bed.records('contacts')).filter(
    (record) => !record.archived && !('mergedInto' in record),
  )
  // Those that came with making and merging.
  const fresh = there.filter(({ id }) => !before.has(id)).map(({ id }) => id)
  expect(fresh.length).toBeGreaterThan(0)
  await using _ = reader(bed)
  await bed.note('contacts', [archived!.id, winner!.id, loser!.id, ...fresh, '999999999'])
  await settled(bed)
  const rows = await rowsOf(bed, 'contacts')
  const live = [...rows.values()].filter((row) => row.gone_at === null)
  expect(live.map((row) => row.external_id).sort()).toEqual(there.map(({ id }) => id).sort())
  // Whichever id the portal gives the merged record, one of ours stays and the other leads to it.
  const two = [winner!, loser!].map(
    ({ id }) => [...rows.values()].find((row) => row.id === before.get(id)!.id)!,
  )
  const survivor = two.find((row) => row.gone_at === null)!
  expect(two.find((row) => row.gone_at !== null)!.merged_into).toBe(survivor.id)
  // The archived one comes back with its own id.
  await bed.sim('records/contacts', { id: archived!.id, restore: true })
  await bed.note('contacts', [archived!.id])
  await settled(bed)
  expect((await rowsOf(bed, 'contacts')).get(archived!.id)).toMatchObject({
    id: before.get(archived!.id)!.id,
    gone_at: null,
  })
})

it('keeps a signal that is noted again while its record is being read', async () => {
  await using bed = await importedBed({ companies: 10 })
  const [company] = await bed.records('companies')
  await bed.sim('faults', {
    list: [{ path: 'batch/read', times: 1, play: { do: 'hold', afterCommit: true } }],
  })
  await bed.note('companies', [company!.id])
  await using _ = reader(bed, { pollMs: 60_000 })
  // The request is under way.
  await until(async () => (await bed.sim<{ rules: { played: number }[] }>('faults')).rules[0]?.played)
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'Changed meanwhile' } })
  await bed.note('companies', [company!.id])
  await bed.sim('faults', undefined, 'DELETE')
  await settled(bed)
  expect(await nameOf(bed, company!.id)).toBe('Changed meanwhile')
  expect((await bed.journal()).entries.length).toBeGreaterThanOrEqual(2)
})

it('leaves a connection that is paused alone and keeps its signals until it goes on', async () => {
  await using bed = await importedBed({ companies: 10 })
  const [company] = await bed.records('companies')
  const setStatus = (status: 'PAUSED' | 'ACTIVE') =>
    bed.database.transaction(ORG, (tx) => tx.updateTable('customers.integrations').set({ status }).execute())
  await setStatus('PAUSED')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'Later' } })
  await bed.note('companies', [company!.id])
  {
    await using _ = reader(bed)
    await until(async () => (await lanes(bed))[0]?.rest_until ?? undefined)
  }
  expect((await bed.journal()).entries).toEqual([])
  expect(await bed.waiting()).toHaveLength(1)
  await setStatus('ACTIVE')
  await bed.database.transaction(ORG, (tx) =>
    tx.updateTable('sync.signal_lanes').set({ rest_until: null }).execute(),
  )
  await using _ = reader(bed)
  await settled(bed)
  expect(await nameOf(bed, company!.id)).toBe('Later')
})

it('keeps signals while the portal is down, and reads them when it is back', async () => {
  await using bed = await importedBed({ companies: 10 })
  const [company] = await bed.records('companies')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'After the outage' } })
  await bed.sim('faults', { list: [{ path: 'objects/', times: 3, play: { do: 'status', status: 503 } }] })
  await bed.note('companies', [company!.id])
  await using _ = reader(bed, { hubspot: { patienceMs: 100, random: () => 0 } })
  await settled(bed)
  expect(await nameOf(bed, company!.id)).toBe('After the outage')
})

it('shows a value that a signal brought with its system, record and time, and without a run', async () => {
  await using bed = await importedBed({ companies: 10 })
  const [company] = await bed.records('companies')
  await bed.sim('records/companies', { id: company!.id, properties: { name: 'Traced' } })
  await bed.note('companies', [company!.id])
  await using _ = reader(bed)
  await settled(bed)
  const [link] = await bed.database.read(ORG, (tx) =>
    tx
      .selectFrom('sync.links')
      .select(['lineage', 'sync_count'])
      .where('type', '=', 'companies')
      .where('external_id', '=', company!.id)
      .execute(),
  )
  expect(link).toMatchObject({ sync_count: 2, lineage: { run: expect.any(String), fields: { name: {} } } })
  const { fields } = link!.lineage as { fields: Record<string, { run?: string; at: string }> }
  expect(fields.name).toEqual({ at: expect.any(String) })
})
