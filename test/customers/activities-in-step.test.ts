import { expect, it } from 'vitest'
import { type CustomersBed, importedBed, ORG, reader, worker } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { eventsOf, rowsOf } from './rows.ts'

const ACTIVITIES = [
  ['tasks', 'hs_task_body', 'customers.task.changed'],
  ['notes', 'hs_note_body', 'customers.note.changed'],
] as const

const inStep = () => importedBed({ companies: 30 }, [worker, reader])

const edgesOf = async (bed: CustomersBed, type: string, id: string): Promise<string[]> =>
  (
    await bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('customers.edges')
        .select(['to_type', 'to_id'])
        .where('from_type', '=', type)
        .where('from_id', '=', id)
        .execute(),
    )
  )
    .map(({ to_type, to_id }) => `${to_type} ${to_id}`)
    .sort()

it.each(ACTIVITIES)(
  'keeps %s in step by polling: changed, made, archived and restored, with their links',
  async (type, body, name) => {
    await using bed = await inStep()
    const [first, second] = (
      await bed.records(type, '&associations=companies,contacts,deals,tickets')
    ).filter((record) => (record.associations?.companies?.length ?? 0) > 0)
    const before = await rowsOf(bed, type)
    const links = await edgesOf(bed, type, second!.id)
    const company = first!.associations!.companies![0]!.id
    await bed.sim(`records/${type}`, { id: first!.id, properties: { [body]: 'Said anew' } })
    await bed.sim(`records/${type}`, { id: second!.id, archive: true })
    const due = bed.clock.now().toISOString()
    await bed.sim(`records/${type}`, {
      properties: { [body]: 'Brand new', hs_timestamp: due },
      associate: { to: 'companies', id: company },
    })
    expect(await bed.sync('INCREMENTAL')).toMatchObject({
      state: 'COMPLETED',
      created: 1,
      updated: 1,
      deleted: 1,
      failed: 0,
    })
    const after = await rowsOf(bed, type)
    expect(after.get(first!.id)?.properties[body]).toBe('Said anew')
    expect(after.get(second!.id)?.gone_at).not.toBeNull()
    expect([...after.values()].filter((row) => !before.has(row.external_id))).toHaveLength(1)
    const told = await eventsOf<{ deleted: boolean }>(bed, name)
    expect(told).toHaveLength(before.size + 3)
    expect(told.filter(({ deleted }) => deleted)).toHaveLength(1)
    // What they say never leaves the subgraph.
    expect(JSON.stringify(told)).not.toMatch(/Said anew|Brand new/)
    await bed.sim(`records/${type}`, { id: second!.id, restore: true })
    await bed.sync('INCREMENTAL')
    expect((await rowsOf(bed, type)).get(second!.id)).toMatchObject({
      id: before.get(second!.id)!.id,
      gone_at: null,
      properties: before.get(second!.id)!.properties,
    })
    expect(await edgesOf(bed, type, second!.id)).toEqual(links)
  },
)

it.each(ACTIVITIES)(
  'keeps %s in step by signals: changed, unlinked and archived, and forgets nothing by it',
  async (type, body) => {
    await using bed = await inStep()
    const [first, second] = (await bed.records(type, '&associations=companies')).filter(
      (record) => (record.associations?.companies?.length ?? 0) > 0,
    )
    const company = first!.associations!.companies![0]!.id
    expect(await edgesOf(bed, type, first!.id)).toContain(`companies ${company}`)
    await bed.sim(`records/${type}`, { id: first!.id, properties: { [body]: 'Told at once' } })
    await bed.sim(`records/${type}`, { id: first!.id, dissociate: { to: 'companies', id: company } })
    await bed.sim(`records/${type}`, { id: second!.id, archive: true })
    await bed.note(type, [first!.id, second!.id], { hasLinks: true })
    await until(async () => (await bed.waiting()).length === 0)
    const here = await rowsOf(bed, type)
    expect(here.get(first!.id)?.properties[body]).toBe('Told at once')
    expect(here.get(second!.id)?.gone_at).not.toBeNull()
    expect(await edgesOf(bed, type, first!.id)).not.toContain(`companies ${company}`)
  },
)

it.each(ACTIVITIES)(
  'finds by reconciling %s that were archived, unlinked or linked while nobody looked',
  async (type) => {
    await using bed = await inStep()
    const all = await bed.records(type, '&associations=companies,contacts')
    const [first, second] = all.filter((record) => (record.associations?.companies?.length ?? 0) > 0)
    const company = first!.associations!.companies![0]!.id
    const [person] = await bed.records('contacts')
    await bed.sim(`records/${type}`, { id: first!.id, dissociate: { to: 'companies', id: company } })
    await bed.sim(`records/${type}`, { id: first!.id, associate: { to: 'contacts', id: person!.id } })
    await bed.sim(`records/${type}`, { id: second!.id, archive: true })
    expect(await bed.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED', deleted: 1, failed: 0 })
    const edges = await edgesOf(bed, type, first!.id)
    expect(edges).not.toContain(`companies ${company}`)
    expect(edges).toContain(`contacts ${person!.id}`)
    expect((await rowsOf(bed, type)).get(second!.id)?.gone_at).not.toBeNull()
  },
)
