import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { priceField, reservedField } from '#subgraphs/inventory/domain/rfq-fields.ts'
import { type C3Bed, importedC3, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'

const held = (bed: C3Bed) =>
  bed.select<{ id: string; c3_rfq_id: string } & Record<string, unknown>>(
    sql`select *, total::text as total from inventory.rfqs where deleted_at is null order by c3_rfq_id`,
  )
const requests = async (bed: C3Bed) =>
  (await bed.journal()).entries.map(({ method, path }) => `${method} ${path.split('?')[0]}`)
it('writes a hundred changed requests by one reading and one writing, each only what differs, in as many statements as ten', async () => {
  await using bed = await importedC3({ companies: 110 })
  const rows = (await held(bed)).slice(0, 110)
  const written = async (some: typeof rows) => {
    await bed.sim('journal', undefined, 'DELETE')
    await bed.change({ updates: some.map(({ id }) => ({ localId: id, values: { note: `Ours of ${id}` } })) })
    expect(await bed.outgoing()).toHaveLength(some.length)
    const taken: string[] = []
    // How often it looks for lanes goes by who wakes it, and when.
    const onStatement = (text: string) => void (text.includes('with recursive lanes') || taken.push(text))
    await using _ = writer(bed, { pollMs: 60_000, leaseMs: 600_000, onStatement })
    await quiet(bed)
    expect(await requests(bed)).toEqual(['GET /c3/rfqs', 'PUT /c3/rfq-updates'])
    return taken.length
  }
  const few = await written(rows.slice(0, 10))
  expect(await written(rows.slice(10))).toBeLessThanOrEqual(few + 2)
  const items = await bed.taken()
  expect(items).toHaveLength(110)
  for (const item of items) expect(Object.keys(item).sort()).toEqual(['baseVersion', 'key', 'note', 'rfqId'])
  const notes = new Map((await bed.records('rfqs')).map(({ rfqId, note }) => [rfqId, note]))
  for (const row of rows) expect(notes.get(row.c3_rfq_id)).toBe(`Ours of ${row.id}`)
})

it('writes line by line and stock row by stock row, and takes over what C3 makes of it', async () => {
  await using bed = await importedC3({}, [reader, writer])
  const rfq = (await bed.records('rfqs')).find(({ status, lines }) => status === 'NEW' && lines.length > 1)!
  const [row] = (await bed.records('inventory')).filter(
    ({ quantityAvailable, quantityReserved }) => quantityAvailable - quantityReserved > 5,
  )
  const localId = await bed.idOf('rfqs', rfq.rfqId)
  const [first, ...others] = rfq.lines
  const prices = Object.fromEntries(others.map(({ line }) => [priceField(line), '2.5']))
  await bed.change({
    updates: [{ localId, values: { ...prices, [reservedField(row!.stockId)]: 5 } }],
  })
  await quiet(bed)
  const reserved = [{ stockId: row!.stockId, quantity: 5 }]
  expect(await bed.there('rfqs', rfq.rfqId)).toMatchObject({
    version: 2,
    total: null,
    reservations: reserved,
  })
  await bed.change({ updates: [{ localId, values: { [priceField(first!.line)]: '1', status: 'QUOTED' } }] })
  await quiet(bed)
  const now = await bed.there('rfqs', rfq.rfqId)
  expect(now).toMatchObject({ version: 3, status: 'QUOTED', reservations: reserved })
  const items = (await bed.taken()).map(({ lines, reservations, status, baseVersion }) => ({
    ...{ lines, reservations, status, baseVersion },
  }))
  expect(items).toEqual([
    {
      lines: others.map(({ line }) => ({ line, unitPrice: '2.5000' })),
      ...{ reservations: reserved, status: undefined, baseVersion: 1 },
    },
    {
      lines: [{ line: first!.line, unitPrice: '1.0000' }],
      ...{ reservations: undefined, status: 'QUOTED', baseVersion: 2 },
    },
  ])
  const kept = (await held(bed)).find(({ id }) => id === localId)
  expect(kept).toMatchObject({
    status: 'QUOTED',
    c3_status: 'QUOTED',
    c3_quote_id: now.quoteId,
    total: now.total,
  })
  expect(kept!.lines).toEqual(now.lines)
  expect(now.quoteId).not.toBeNull()
  expect(now.total).not.toBeNull()
})

it('takes a request that was quoted and won here, before C3 heard of either, through both there', async () => {
  await using bed = await importedC3({}, [reader, writer])
  const rfq = (await bed.records('rfqs')).find(({ status }) => status === 'NEW')!
  const { rfqId } = rfq
  const localId = await bed.idOf('rfqs', rfqId)
  const prices = Object.fromEntries(rfq.lines.map(({ line }) => [priceField(line), '2.5']))
  const decided = { ...prices, status: 'ORDERED', note: 'Ours' }
  await bed.change({ updates: [{ localId, values: decided }] })
  await quiet(bed)
  const now = await bed.there('rfqs', rfqId)
  expect(now).toMatchObject({ status: 'ORDERED', note: 'Ours', quoteId: expect.any(String), version: 3 })
  expect(await bed.here(rfqId)).toMatchObject({ status: 'WON', c3_quote_id: now.quoteId, total: now.total })
  expect((await bed.taken()).map(({ status, baseVersion }) => [status, baseVersion])).toEqual([
    ['QUOTED', 1],
    ['ORDERED', 2],
  ])
})

it('writes nothing to C3 by itself before somebody has approved the first writes of a connection', async () => {
  await using bed = await importedC3({ companies: 20, firstPush: true }, [writer])
  const [row] = await held(bed)
  await bed.change({ updates: [{ localId: row!.id, values: { note: 'Ours' } }] })
  const rests = async () =>
    (
      await bed.database.relay((tx) =>
        sql`select from sync.outgoing_lanes where rest_until is not null`.execute(tx),
      )
    ).rows.length
  await until(async () => (await rests()) === 1)
  expect(await requests(bed)).toEqual([])
  expect(await bed.outgoing()).toMatchObject([{ local_id: row!.id, attempts: 0 }])
})
