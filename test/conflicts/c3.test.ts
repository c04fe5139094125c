import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import { priceField } from '#subgraphs/inventory/domain/rfq-fields.ts'
import type { Values } from '#sync/values.ts'
import { type C3Bed, importedC3, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'

const MINUTE = 60_000
const ago = (ms: number) => new Date(bed.clock.now().getTime() - ms)

let bed: C3Bed
let rfqs: Rfq[]
beforeAll(async () => {
  bed = await importedC3({ companies: 20 }, [reader, writer])
  const line = { partNumber: 'LM317T', manufacturer: '', targetPrice: null, unitPrice: null }
  const lines = [1, 2, 3].map((n) => ({ ...line, line: n, quantity: 10 * n }))
  // Old enough that what is said of them later is news.
  const asked = { status: 'NEW', lines, note: null, buyer: null, updatedAt: ago(60 * MINUTE).toISOString() }
  const ids = (await bed.records('rfqs')).slice(0, 15).map(({ rfqId }) => rfqId)
  for (const rfqId of ids) await bed.sim('records/rfqs', { rfqId, ...asked })
  await bed.note('rfqs', ids)
  await quiet(bed)
  rfqs = (await bed.records('rfqs')).filter(({ rfqId }) => ids.includes(rfqId))
})
afterAll(() => bed?.[Symbol.asyncDispose]())

/** Both sides change a request, neither knowing of the other; then each hears of it. */
const bothChange = async (
  { rfqId }: Rfq,
  { theirs, ours }: { theirs: object; ours: Values },
  { theirsAt, oursAt }: { theirsAt: Date; oursAt: Date },
) => {
  await bed.sim('records/rfqs', { rfqId, ...theirs, updatedAt: theirsAt.toISOString() })
  const localId = await bed.idOf('rfqs', rfqId)
  await bed.change({ updates: [{ localId, values: ours }] }, oursAt)
  await quiet(bed)
}
const decisions = ({ rfqId }: Rfq) =>
  bed.select(sql`
    select field, base -> 'value' as base, theirs -> 'value' as theirs, ours -> 'value' as ours, theirs_at, ours_at, policy,
      policy_version, outcome, would from sync.decisions where type = 'rfqs' and external_id = ${rfqId} order by decided_at, field`)
const writesOf = async ({ rfqId }: Rfq) => (await bed.taken()).filter((each) => each.rfqId === rfqId)

it('fault 50 (c3): lets whoever wrote last have buyer, note and date, and writes down both values, both clocks, policy and version', async () => {
  const [one, two] = rfqs as [Rfq, Rfq]
  const [early, late] = [ago(2 * MINUTE), ago(MINUTE)]
  const both = { theirs: { note: 'Theirs', buyer: 'T. Heirs' }, ours: { note: 'Ours' } }
  await bothChange(one, both, { theirsAt: early, oursAt: late })
  await bothChange(two, both, { theirsAt: late, oursAt: early })
  const row = { field: 'note', base: null, theirs: 'Theirs', ours: 'Ours' }
  const rule = { policy: 'LAST_WRITE', policy_version: 1, would: null }
  expect(await decisions(one)).toEqual([
    { ...row, ...rule, theirs_at: early, ours_at: late, outcome: 'ours' },
  ])
  expect(await decisions(two)).toEqual([
    { ...row, ...rule, theirs_at: late, ours_at: early, outcome: 'theirs' },
  ])
  expect(await bed.there('rfqs', one.rfqId)).toMatchObject({ note: 'Ours', buyer: 'T. Heirs' })
  expect(await bed.here(one.rfqId)).toMatchObject({ note: 'Ours', buyer: 'T. Heirs' })
  expect(await bed.there('rfqs', two.rfqId)).toMatchObject({ note: 'Theirs', buyer: 'T. Heirs' })
  expect(await bed.here(two.rfqId)).toMatchObject({ note: 'Theirs', buyer: 'T. Heirs' })
  expect(await writesOf(two)).toEqual([])
})

it('fault 50 (c3): leaves to a person what two wrote in one moment, and every price, with nothing overwritten meanwhile', async () => {
  const rfq = rfqs[2]!
  const [first, ...others] = rfq.lines
  const price = priceField(first!.line)
  const theirs = { note: 'Theirs', lines: [{ ...first, unitPrice: '2.0000' }, ...others] }
  const at = ago(MINUTE)
  const both = { theirs, ours: { note: 'Ours', [price]: '1', buyer: 'O. Urs' } }
  // The price is an hour old, which tells nobody who is right.
  await bothChange(rfq, both, { theirsAt: at, oursAt: new Date(at.getTime() + 1_500) })
  expect(await decisions(rfq)).toMatchObject([
    { field: 'note', policy: 'LAST_WRITE', outcome: 'open', would: 'theirs' },
    { field: price, policy: 'MANUAL', outcome: 'open', theirs: '2.0000', ours: '1.0000' },
  ])
  // Whatever is read meanwhile, and however often: what is open stays, and the rest is written.
  for (const _ of [1, 2, 3]) {
    await bed.note('rfqs', [rfq.rfqId])
    await quiet(bed)
  }
  const [line] = (await bed.there('rfqs', rfq.rfqId)).lines
  expect([line!.unitPrice, (await bed.there('rfqs', rfq.rfqId)).note]).toEqual(['2.0000', 'Theirs'])
  const kept = await bed.here(rfq.rfqId)
  expect(kept.note).toBe('Ours')
  expect((kept.lines as unknown as Rfq['lines'])[0]!.unitPrice).toBe('1.0000')
  expect(await writesOf(rfq)).toMatchObject([{ buyer: 'O. Urs' }])
  expect(await decisions(rfq)).toHaveLength(2)
})

it('fault 50 (c3): lets C3 say what became of a request, whoever was later', async () => {
  const rfq = rfqs[3]!
  const when = { theirsAt: ago(MINUTE), oursAt: ago(0) }
  await bothChange(rfq, { theirs: { status: 'LOST' }, ours: { status: 'LAPSED' } }, when)
  expect(await decisions(rfq)).toMatchObject([
    { field: 'status', policy: 'C3', outcome: 'theirs', base: 'NEW', theirs: 'LOST', ours: 'LAPSED' },
  ])
  expect(await bed.here(rfq.rfqId)).toMatchObject({ status: 'LOST', c3_status: 'LOST' })
  expect(await writesOf(rfq)).toEqual([])
})

it('fault 51 (c3): merges what both changed in different fields, two prices of one request too, without a conflict', async () => {
  const rfq = rfqs[4]!
  const [one, two, ...others] = rfq.lines as [Rfq['lines'][0], Rfq['lines'][0]]
  const theirs = { buyer: 'T. Heirs', lines: [{ ...one, unitPrice: '2.0000', quantity: 7 }, two, ...others] }
  const at = ago(MINUTE)
  const ours = { note: 'Ours', [priceField(two.line)]: '0.0007' }
  await bothChange(rfq, { theirs, ours }, { theirsAt: at, oursAt: at })
  expect(await decisions(rfq)).toEqual([])
  const now = await bed.there('rfqs', rfq.rfqId)
  expect(now).toMatchObject({ buyer: 'T. Heirs', note: 'Ours' })
  expect(now.lines.slice(0, 2)).toMatchObject([{ unitPrice: '2.0000', quantity: 7 }, { unitPrice: '0.0007' }])
  const kept = await bed.here(rfq.rfqId)
  expect(kept).toMatchObject({ buyer: 'T. Heirs', note: 'Ours', lines: now.lines })
})

it('fault 52 (c3): lets a request go that C3 has deleted, whatever was changed here, writes that down, and writes the change once C3 has it again', async () => {
  const rfq = rfqs[5]!
  await bothChange(
    rfq,
    { theirs: { deleted: true }, ours: { note: 'Ours' } },
    { theirsAt: ago(MINUTE), oursAt: ago(0) },
  )
  expect(await decisions(rfq)).toMatchObject([
    { field: '@record', policy: 'C3', outcome: 'theirs', theirs: 'deleted', ours: 'changed' },
  ])
  expect((await bed.here(rfq.rfqId)).deleted_at).not.toBeNull()
  await bed.sim('records/rfqs', { rfqId: rfq.rfqId, deleted: false })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  expect(await bed.here(rfq.rfqId)).toMatchObject({ deleted_at: null, note: 'Ours' })
  expect(await bed.there('rfqs', rfq.rfqId)).toMatchObject({ deleted: false, note: 'Ours' })
})

it('fault 57 (c3): keeps prices to the last of four places, sums none of them, and calls 0.5 and 0.5000 one price', async () => {
  const rfq = rfqs[6]!
  const [first, ...others] = rfq.lines
  const localId = await bed.idOf('rfqs', rfq.rfqId)
  // As floats these are one number.
  const [one, other] = ['90071992547409.9201', '90071992547409.9202']
  expect(Number(one)).toBe(Number(other))
  const say = async (unitPrice: string) => {
    await bed.change({ updates: [{ localId, values: { [priceField(first!.line)]: unitPrice } }] })
    await quiet(bed)
    return (await bed.there('rfqs', rfq.rfqId)).lines[0]!.unitPrice
  }
  expect(await say(one)).toBe(one)
  expect(await say(other)).toBe(other)
  expect(await say('0.5')).toBe('0.5000')
  const written = (await writesOf(rfq)).length
  await say('0.50')
  await bed.sim('records/rfqs', { rfqId: rfq.rfqId, lines: [{ ...first, unitPrice: '0.5' }, ...others] })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  expect(await writesOf(rfq)).toHaveLength(written)
  expect(await decisions(rfq)).toEqual([])
})

it('fault 47 (c3): takes nothing of its own writes for news, keeps what C3 says next, and writes nothing more in three rounds', async () => {
  const some = rfqs.slice(7, 12)
  const ids = some.map(({ rfqId }) => rfqId)
  const updates = await Promise.all(
    ids.map(async (rfqId) => ({
      localId: await bed.idOf('rfqs', rfqId),
      values: { note: `Ours of ${rfqId}` },
    })),
  )
  const told = () =>
    bed
      .select(sql`select from events.recorded where name = 'inventory.rfq.changed'`)
      .then((all) => all.length)
  await bed.change({ updates })
  await quiet(bed)
  const before = await told()
  const written = (await bed.taken()).length
  const rounds = async () => {
    for (const _ of [1, 2, 3]) {
      await bed.note('rfqs', ids)
      await quiet(bed)
    }
  }
  await rounds()
  expect(await told()).toBe(before)
  await bed.sim('records/rfqs', { rfqId: ids[0], note: 'Theirs' })
  await rounds()
  expect(await told()).toBe(before + 1)
  expect((await bed.here(ids[0]!)).note).toBe('Theirs')
  expect((await bed.taken()).length).toBe(written)
})

it('writes over nothing that C3 has got since it was asked: that is read, compared and decided first', async () => {
  const rfq = rfqs[12]!
  const { rfqId } = rfq
  // Both write it in one moment.
  const at = ago(0)
  const detail = { kind: 'rfqs', rfqId, note: 'Theirs', buyer: 'T. Heirs', updatedAt: at.toISOString() }
  const play = { do: 'trigger', name: 'change-record', detail }
  await bed.sim('faults', { path: '/c3/rfq-updates', times: 1, play })
  const localId = await bed.idOf('rfqs', rfqId)
  await bed.change({ updates: [{ localId, values: { note: 'Ours', dueAt: '2031-01-01T00:00:00Z' } }] }, at)
  await quiet(bed)
  expect(await decisions(rfq)).toMatchObject([{ field: 'note', outcome: 'open' }])
  const now = await bed.there('rfqs', rfqId)
  expect(now).toMatchObject({ note: 'Theirs', buyer: 'T. Heirs', dueAt: '2031-01-01T00:00:00.000Z' })
  expect(await bed.here(rfqId)).toMatchObject({ note: 'Ours', buyer: 'T. Heirs' })
  const ledger = await bed.select(sql`
    select state, error_code, fields from sync.writes where external_id = ${rfqId} order by written_at`)
  expect(ledger).toMatchObject([
    { state: 'REFUSED', error_code: 'HUB_RECORD_MOVED_ON' },
    { state: 'DONE', error_code: null, fields: { dueAt: { to: '2031-01-01T00:00:00.000Z' } } },
  ])
  // That somebody was quicker is no reason to give it up.
  expect(await bed.select(sql`select from sync.dead_letters where external_id = ${rfqId}`)).toEqual([])
})

it('lets a line go that C3 has taken out, and with it the price that was to be written for it', async () => {
  const rfq = rfqs[13]!
  const [first, second] = rfq.lines
  const priced = { rfqId: rfq.rfqId, lines: [first, { ...second, unitPrice: '4.0000' }] }
  await bed.sim('records/rfqs', { ...priced, updatedAt: ago(30 * MINUTE).toISOString() })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  const gone = { theirs: { lines: [first] }, ours: { [priceField(second!.line)]: '5', note: 'Ours' } }
  await bothChange(rfq, gone, { theirsAt: ago(MINUTE), oursAt: ago(0) })
  await bed.note('rfqs', [rfq.rfqId])
  await quiet(bed)
  expect((await bed.here(rfq.rfqId)).lines).toEqual([first])
  expect(await bed.there('rfqs', rfq.rfqId)).toMatchObject({ lines: [first], note: 'Ours' })
  expect(await writesOf(rfq)).toMatchObject([{ note: 'Ours' }])
  expect((await writesOf(rfq))[0]).not.toHaveProperty('lines')
  // Whom it would have been left to is asked about nothing.
  expect(await decisions(rfq)).toMatchObject([{ field: priceField(second!.line), outcome: 'agreed' }])
})

it('asks nobody about what C3 alone has said, though that was read before the hub was told of its own write', async () => {
  const rfq = rfqs[14]!
  const { rfqId } = rfq
  const localId = await bed.idOf('rfqs', rfqId)
  // C3 takes it at once, and does not answer yet.
  await bed.sim('faults', { path: '/c3/rfq-updates', times: 1, play: { do: 'hold', afterCommit: true } })
  await bed.change({ updates: [{ localId, values: { note: 'Ours' } }] }, ago(MINUTE))
  await until(async () => (await bed.there('rfqs', rfqId)).note === 'Ours')
  await bed.sim('records/rfqs', { rfqId, note: 'Theirs' })
  await bed.note('rfqs', [rfqId])
  await until(async () => (await bed.here(rfqId)).note === 'Theirs')
  expect(await bed.outgoing()).toHaveLength(1)
  await bed.sim('faults', undefined, 'DELETE')
  await quiet(bed)
  await bed.sim('records/rfqs', { rfqId, note: 'Theirs again' })
  await bed.note('rfqs', [rfqId])
  await quiet(bed)
  expect(await bed.here(rfqId)).toMatchObject({ note: 'Theirs again' })
  expect(await decisions(rfq)).toMatchObject([{ outcome: 'theirs', theirs: 'Theirs', ours: 'Ours' }])
})
