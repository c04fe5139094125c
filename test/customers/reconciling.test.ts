import { expect, it } from 'vitest'
import { type CustomersBed, customersBed, importedBed, ORG, OTHER_ORG, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { backUp } from '#test/kit/postgres.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { movable } from './poisoned.ts'

const HOUR = 3_600_000
const QUERY = `query ($kind: DriftKind, $first: Int! = 100) { driftReports { nodes { id state isClean
  types { type looked missing different extra overlooked failed samples }
  repairs(kind: $kind, first: $first) { nodes { type recordId kind fields overlooked } pageInfo { hasNextPage } } } } }`

/** Reports as the graph tells them. */
const reports = async (bed: CustomersBed, variables: object = {}, orgId = ORG) => {
  await using hub = await graphOf(bed.test)
  return (await hub.ask(QUERY, variables, principal(orgId))).driftReports.nodes
}

/** An hour's work in the portal. @returns the ids of what was done, by how the hub will differ without it */
const work = async (bed: CustomersBed, companies: readonly string[]) => {
  const [changed, archived] = [companies.slice(0, 7), companies.slice(7, 10)]
  const list = changed.map((id) => ({ id, properties: { name: `Changed ${id}`, industry: 'AIRLINES' } }))
  await bed.sim('records/companies', { list })
  for (const id of archived) await bed.sim('records/companies', { id, archive: true })
  const before = new Set((await bed.records('contacts')).map(({ id }) => id))
  await bed.sim('records/contacts', { list: [1, 2].map((n) => ({ properties: { jobtitle: `New ${n}` } })) })
  const made = (await bed.records('contacts')).map(({ id }) => id).filter((id) => !before.has(id))
  return { changed: [...changed].sort(), archived: [...archived].sort(), made: made.sort() }
}

it('fault 15: repairs a database that was restored from an hour ago to what the portal holds, and lists what it repaired', async () => {
  const clock = movable()
  await using bed = await importedBed({ companies: 15, clock })
  const companies = (await bed.records('companies')).map(({ id }) => id)
  await using backup = await backUp(bed.test.name)
  clock.advance(HOUR)
  const done = await work(bed, companies)
  {
    await using _ = worker(bed)
    expect(await bed.sync('INCREMENTAL')).toMatchObject({ state: 'COMPLETED' })
  }
  expect((await checkLedger(bed)).lost).toEqual([])
  await backup.restore()
  await until(async () => (await checkLedger(bed)).lost.length > 0)
  {
    await using _ = worker(bed)
    expect(await bed.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED' })
  }
  expect(await checkLedger(bed)).toEqual(CLEAN)
  const [report] = await reports(bed)
  expect(report).toMatchObject({ state: 'COMPLETED', isClean: false })
  const of = (type: string) => report.types.find((each: { type: string }) => each.type === type)
  expect(of('companies')).toMatchObject({ looked: 12, missing: 0, different: 7, extra: 3, failed: 0 })
  expect(of('companies').samples).toHaveLength(5)
  expect(of('contacts')).toMatchObject({ missing: 2, extra: 0 })
  const repaired = (kind: string, type: string) =>
    report.repairs.nodes
      .filter((each: { kind: string; type: string }) => each.kind === kind && each.type === type)
      .map((each: { recordId: string }) => each.recordId)
  expect(repaired('DIFFERENT', 'companies')).toEqual(done.changed)
  expect(repaired('EXTRA', 'companies')).toEqual(done.archived)
  expect(repaired('MISSING', 'contacts')).toEqual(done.made)
  expect(report.repairs.nodes[0].fields.sort()).toEqual(expect.arrayContaining(['industry', 'name']))
  expect(JSON.stringify(report)).not.toContain('Changed')
  // A second look finds nothing.
  {
    await using _ = worker(bed)
    await bed.sync('RECONCILE')
  }
  const [second, first] = await reports(bed, { kind: 'EXTRA', first: 2 })
  expect(second).toMatchObject({ isClean: true, repairs: { nodes: [] } })
  expect(first.repairs.nodes).toHaveLength(2)
  expect(first.repairs.pageInfo.hasNextPage).toBe(true)
  expect(await reports(bed, {}, OTHER_ORG)).toEqual([])
})

it('tells what earlier readings have overlooked from what has only just changed', async () => {
  await using bed = await customersBed({ companies: 10 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const [lost, fresh] = await bed.records('companies')
  // As if a reading had passed it by: the hub holds something else, although it has read past the record's time.
  await bed.database.transaction(ORG, (tx) =>
    tx.deleteFrom('sync.links').where('external_id', '=', lost!.id).execute(),
  )
  await bed.sim('records/companies', { id: fresh!.id, properties: { name: 'Just now' } })
  await bed.sync('RECONCILE')
  const [report] = await reports(bed)
  const found = new Map(
    report.repairs.nodes.map((each: { recordId: string; overlooked: boolean }) => [
      each.recordId,
      each.overlooked,
    ]),
  )
  expect(found).toEqual(
    new Map([
      [lost!.id, true],
      [fresh!.id, false],
    ]),
  )
  expect(report.types.find((each: { type: string }) => each.type === 'companies')).toMatchObject({
    overlooked: 1,
  })
})
