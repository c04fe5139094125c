import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { listDriftReports, repairsOf } from '#sync/drift.ts'
import { importedC3, ORG, worker } from '#test/kit/c3.ts'
import { divergencesFromC3 } from '#test/kit/c3-books.ts'

it('fault 15 (c3): repairs what a restored backup lacks to what C3 holds, and reports row by row what that was', async () => {
  await using bed = await importedC3({ companies: 20 }, [worker])
  const long = '2025-01-01T00:00:00.000Z'
  const [one, two, three] = await bed.records('inventory')
  // As if it had been an hour ago: one row says something else, one is not there yet, one is still there.
  await bed.database.transaction(ORG, async (tx) => {
    await sql`update inventory.inventory set location = 'Elsewhere' where c3_stock_id = ${one!.stockId}`.execute(
      tx,
    )
    await sql`delete from sync.links where type = 'inventory' and external_id = ${two!.stockId}`.execute(tx)
    await sql`delete from inventory.inventory where c3_stock_id = ${two!.stockId}`.execute(tx)
  })
  await bed.sim('records/inventory', { stockId: three!.stockId, deleted: true, updatedAt: long })
  expect(await bed.sync('INCREMENTAL')).toMatchObject({ updated: 0, created: 0 })
  expect((await divergencesFromC3(bed)).length).toBeGreaterThan(0)

  const { id } = await bed.sync('RECONCILE')
  expect(await divergencesFromC3(bed)).toEqual([])
  const [report] = await bed.database.read(ORG, (tx) =>
    listDriftReports(tx, ORG, {}, { limit: 1, after: null }),
  )
  expect(report).toMatchObject({ id, connectionId: bed.integrationId, state: 'COMPLETED' })
  const { looked, missing, different, extra } = report!.types.find(({ type }) => type === 'inventory')!
  expect({ looked, missing, different, extra }).toEqual({ looked: 599, missing: 1, different: 1, extra: 1 })
  const repairs = await bed.database.read(ORG, (tx) =>
    repairsOf(tx, ORG, [id], { type: null, kind: null, limit: 10, after: null }),
  )
  const found = repairs.get(id)!.map(({ externalId, kind, fields }) => [externalId, kind, fields])
  expect(found).toEqual(
    [
      [one!.stockId, 'DIFFERENT', ['location']],
      [two!.stockId, 'MISSING', []],
      [three!.stockId, 'EXTRA', []],
    ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
  // The next night finds nothing.
  const next = await bed.sync('RECONCILE')
  expect(next).toMatchObject({ created: 0, updated: 0, deleted: 0 })
})
