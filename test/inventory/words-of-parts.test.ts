import { expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { DEMO } from '../kit/subgraph.ts'
import { startInventoryBed } from './bed.ts'

it('keeps once what all stock rows say of their part, and what one says otherwise with the others, so that reading again finds nothing new', async () => {
  await using hub = await startInventoryBed()
  await hub.synced()
  const stock = await hub.records<Kinds['inventory']>('inventory')
  const numberOf = ({ manufacturer, partNumber }: Kinds['inventory']) => `${manufacturer} ${partNumber}`
  const rows = [...Map.groupBy(stock, numberOf).values()].find(({ length }) => length > 2)!
  const [first, ...others] = rows
  const kept = () =>
    hub.database.read(DEMO, (tx) =>
      tx
        .selectFrom('inventory.inventory')
        .select(['c3_stock_id', 'part'])
        .where('part', 'is not', null)
        .execute(),
    )
  const shown = () =>
    hub.database.read(DEMO, (tx) =>
      tx
        .selectFrom('inventory.components')
        .select('description')
        .where('part_number', '=', first!.partNumber)
        .where('manufacturer', '=', first!.manufacturer)
        .executeTakeFirstOrThrow(),
    )
  expect(await kept()).toEqual([])

  await hub.sim('records/inventory', { stockId: first!.stockId, description: 'Told otherwise' })
  expect(await hub.progress(await hub.sync('INCREMENTAL'), 'inventory')).toMatchObject({ updated: 1 })
  expect(await shown()).toEqual({ description: 'Told otherwise' })
  expect((await kept()).map((row) => row.c3_stock_id).toSorted()).toEqual(
    others.map(({ stockId }) => stockId).toSorted(),
  )
  expect(await hub.progress(await hub.sync('FULL'), 'inventory')).toMatchObject({ updated: 0, created: 0 })

  for (const { stockId } of others)
    await hub.sim('records/inventory', { stockId, description: 'Told otherwise' })
  expect(await hub.progress(await hub.sync('INCREMENTAL'), 'inventory')).toMatchObject({
    updated: others.length,
  })
  expect(await kept()).toEqual([])
  expect(await hub.progress(await hub.sync('FULL'), 'inventory')).toMatchObject({ updated: 0, created: 0 })
})
