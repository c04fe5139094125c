import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { priceField } from '#subgraphs/inventory/domain/rfq-fields.ts'
import { buryRecords, resolveLetters } from '#sync/dead-letters.ts'
import { quiet } from '#test/kit/engine.ts'
import { askSubgraph, DEMO } from '#test/kit/subgraph.ts'
import { type InventoryBed, startInventoryBed } from './bed.ts'

const ofRfq = async ({ inventory }: InventoryBed, id: string) => {
  const { data } = await askSubgraph(
    inventory.url,
    'query ($id: ID!) { rfq(id: $id) { syncStatus syncConflict } }',
    { id },
  )
  return [data.rfq.syncStatus, data.rfq.syncConflict]
}
const agreedAt = async ({ inventory }: InventoryBed, id: string): Promise<number> => {
  const query = 'query ($id: ID!) { rfq(id: $id) { c3LastSync } }'
  return Date.parse((await askSubgraph(inventory.url, query, { id })).data.rfq.c3LastSync)
}
const SYNCED = ['SYNCED', false]
const pause = ({ database }: InventoryBed) =>
  database.transaction(DEMO, (tx) =>
    tx.updateTable('inventory.integrations').set({ status: 'PAUSED' }).execute(),
  )

it('says of every request at any time whether it equals C3’s, is on its way, waits for a person, or could not be written', async () => {
  await using hub = await startInventoryBed()
  const { engine } = hub
  await hub.synced()
  const rfqs = await hub.records<Kinds['rfqs']>('rfqs')
  const rfq = rfqs.find(({ status, lines }) => status === 'NEW' && lines[0])!
  const [row] = await engine.select<{ id: string }>(
    sql`select id from inventory.rfqs where c3_rfq_id = ${rfq.rfqId}`,
  )
  const localId = row!.id
  const change = (values: Record<string, string | null>) => hub.change([{ localId, values }])
  const says = () => ofRfq(hub, localId)
  expect(await says()).toEqual(SYNCED)
  await hub.approve()
  const before = await agreedAt(hub, localId)
  await change({ note: 'Ours' })
  await quiet(engine)
  expect(await says()).toEqual(SYNCED)
  expect(await agreedAt(hub, localId)).toBeGreaterThan(before)
  // Both sides price a line: a person decides, and until then nothing is overwritten.
  const [line, ...others] = rfq.lines
  await change({ [priceField(line!.line)]: '2' })
  await hub.sim('records/rfqs', { rfqId: rfq.rfqId, lines: [{ ...line, unitPrice: '3.0000' }, ...others] })
  await engine.note('rfqs', [rfq.rfqId])
  await quiet(engine)
  expect(await says()).toEqual(['PENDING', true])
  await change({ [priceField(line!.line)]: '3' })
  await quiet(engine)
  expect(await says()).toEqual(SYNCED)
  // C3 takes no name as long as this.
  await change({ buyer: 'B'.repeat(201) })
  await quiet(engine)
  expect(await says()).toEqual(['ERROR', false])
  await change({ buyer: rfq.buyer })
  await quiet(engine)
  expect(await says()).toEqual(SYNCED)
  const letters = await engine.select(sql`select from sync.dead_letters where state = 'OPEN'`)
  expect(letters).toEqual([])
  await pause(hub)
  await change({ note: 'Ours again' })
  expect(await says()).toEqual(['PENDING', false])
})

const STOCK = 'query ($first: Int!) { stock(first: $first) { nodes { c3StockId syncStatus } } }'

it('says the same of stock rows, by one statement for all rows of a page, and how many there are of which', async () => {
  await using hub = await startInventoryBed({ companies: 20 })
  const { engine } = hub
  await hub.synced()
  const states = async (first: number) => {
    hub.statements.length = 0
    const { data } = await askSubgraph(hub.inventory.url, STOCK, { first })
    const nodes = data.stock.nodes as { c3StockId: string; syncStatus: string }[]
    const looked = hub.statements.filter((text) => text.includes('sync.standings')).length
    return { looked, of: new Map(nodes.map(({ c3StockId, syncStatus }) => [c3StockId, syncStatus])) }
  }
  const before = await states(50)
  expect(before.looked).toBe(1)
  expect(new Set(before.of.values())).toEqual(new Set(['SYNCED']))
  const [one, two] = before.of.keys() as unknown as [string, string]
  await pause(hub)
  await engine.note('inventory', [one])
  const place = { orgId: DEMO, connectionId: hub.integrationId, type: 'inventory' }
  const failure = { code: 'INTERNAL', reason: 'It is broken.', guidance: 'Mend it.', attempts: 5 }
  await hub.database.transaction(DEMO, (tx) =>
    buryRecords(tx, place, [{ externalId: two, ...failure }], systemClock),
  )
  await hub.database.transaction(DEMO, (tx) =>
    buryRecords(tx, place, [{ externalId: 'S-never-stored', ...failure }], systemClock),
  )
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on C3Integration {
    standings { type total synced pending errors conflicts } } } }`
  hub.statements.length = 0
  const of = [{ __typename: 'C3Integration', id: hub.integrationId }]
  const [{ standings }] = (await askSubgraph(hub.inventory.url, query, { of })).data._entities
  expect(hub.statements.filter((text) => text.includes('sync.standings'))).toHaveLength(1)
  const total = (await hub.records('inventory')).length
  expect(standings.find(({ type }: { type: string }) => type === 'inventory')).toEqual({
    ...{ type: 'inventory', total, synced: total - 2, pending: 1, errors: 2, conflicts: 0 },
  })
  const rfqs = (await hub.records('rfqs')).length
  expect(standings.find(({ type }: { type: string }) => type === 'rfqs')).toEqual({
    ...{ type: 'rfqs', total: rfqs, synced: rfqs, pending: 0, errors: 0, conflicts: 0 },
  })
  const then = await states(50)
  expect([then.of.get(one), then.of.get(two)]).toEqual(['PENDING', 'ERROR'])
  expect([...then.of.values()].filter((state) => state === 'SYNCED')).toHaveLength(then.of.size - 2)
  await hub.database.transaction(DEMO, (tx) => resolveLetters(tx, place, [two], systemClock.now()))
  expect((await states(50)).of.get(two)).toBe('SYNCED')
})
