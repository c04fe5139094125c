import { expect, it } from 'vitest'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { importedC3, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { askSubgraph, startWith, TEST_KEY } from '#test/kit/subgraph.ts'

const STATUS = '{ c3SyncStatus { entities { type total synced pending errors } } }'

it('counts 15,000 stock rows and 500 requests with what waits and what failed of each, and takes no more statements for them', async () => {
  const buyer = (name: string) => (localId: string) => ({ localId, values: { buyer: name } })
  const seen = async (companies: number, held: { rows: number; requests: number }) => {
    await using bed = await importedC3({ companies })
    const statements: string[] = []
    await using api = await startInventory({
      ...startWith(bed.test.urls, { worker: false, onStatement: (sql) => statements.push(sql) }),
      encryptionKeys: [TEST_KEY],
    })
    const rfqs = await Promise.all(
      (await bed.records('rfqs')).slice(0, 5).map(({ rfqId }) => bed.idOf('rfqs', rfqId)),
    )
    {
      // Nobody's name is so long: C3 refuses it.
      await using _writer = writer(bed)
      await using _reader = reader(bed)
      await bed.change({ updates: rfqs.slice(0, 2).map(buyer('x'.repeat(201))) })
      await quiet(bed)
    }
    await bed.change({ updates: rfqs.slice(2).map(buyer('Somebody else')) })
    const stock = (await bed.records('inventory')).slice(0, 30)
    await bed.note(
      'inventory',
      stock.map(({ stockId }) => stockId),
    )
    statements.length = 0
    const { data } = await askSubgraph(api.url, STATUS)
    const of = (type: string) =>
      data.c3SyncStatus.entities.find((each: { type: string }) => each.type === type)
    const { rows, requests } = held
    expect(of('inventory')).toEqual({
      type: 'inventory',
      total: rows,
      synced: rows - 30,
      pending: 30,
      errors: 0,
    })
    expect(of('rfqs')).toEqual({ type: 'rfqs', total: requests, synced: requests - 5, pending: 3, errors: 2 })
    // What carries events looks by itself, and those of one request go at once, in whatever order.
    return statements.filter((text) => !text.includes('events.')).sort()
  }
  const few = await seen(5, { rows: 150, requests: 5 })
  expect(await seen(500, { rows: 15_000, requests: 500 })).toEqual(few)
})
