/** Random edits of what C3 and the hub both have. */
import { randomUUID } from 'node:crypto'
import type { Rfq, RfqUpdate } from '#connectors/c3/index.ts'
import { DEMO_API_KEY } from '#connectors/c3/simulator/index.ts'
import { lineOf, priceField, reservedField, stockIdOf } from '#subgraphs/inventory/domain/rfq-fields.ts'
import type { Values } from '#sync/values.ts'
import type { C3Bed } from '#test/kit/c3.ts'
import { heldOf } from '#test/kit/c3-books.ts'
import { type Desk, type Edit, editTogether } from './editing.ts'

type Type = 'rfqs' | 'inventory'
export interface Wanted {
  bed: C3Bed
  seed: number
  edits: number
  hands: number
}

/** Edits both sides, as several people at once would. What C3 is told of reaches the hub by a message, mostly. */
export const editBothSidesOfC3 = ({ bed, ...wanted }: Wanted): Promise<Edit<Type>[]> =>
  editTogether({
    ...wanted,
    types: ['rfqs', 'rfqs', 'rfqs', 'rfqs', 'inventory'] as const,
    sides: (desk) => sidesOf(bed, wanted.seed, desk),
  })

const UNDECIDED = ['NEW', 'QUOTED']
/** Most of what people work on is the same few requests, and the first lines of them. */
const FEW = 8
const MOSTLY = 0.8
const byId = (a: Rfq, b: Rfq): number => (a.rfqId < b.rfqId ? -1 : 1)

/** Clocks of the two sides differ by so much at most, either way. */
const SKEW_MS = 10_000

const sidesOf = (bed: C3Bed, seed: number, { random, pick, note }: Desk<Type>) => {
  const favourite = <T>(all: readonly T[], few: number): T | undefined =>
    pick(random() < MOSTLY ? all.slice(0, few) : all)
  const tell = async (type: Type, id: string) => {
    // One message in five never comes: the record is met when everything is compared.
    if (random() < 0.8) await bed.note(type, [id])
  }
  const here = async (_: Type, n: number) => {
    const rows = [...(await heldOf(bed, 'rfqs'))].filter(([, { isGone }]) => !isGone)
    const [id, row] = favourite(rows, FEW) ?? rows[0]!
    const change = async (values: Values) => {
      const at = new Date(bed.clock.now().getTime() + (random() - 0.5) * 2 * SKEW_MS)
      const { updated } = await bed.change({ updates: [{ localId: id, values }] }, at)
      for (const field of Object.keys(updated[0]?.diff ?? {}).filter((each) => !stockIdOf(each)))
        note({ side: 'HERE', type: 'rfqs', id, field, value: String(values[field]) })
    }
    const what = random()
    const isOpen = UNDECIDED.includes(String(row.values.status))
    if (what < 0.08 && isOpen) return await change({ status: random() < 0.3 ? 'LOST' : 'LAPSED' })
    if (what < 0.16 && isOpen) {
      const rich = (await bed.records('inventory')).filter((each) => each.quantityAvailable > 500)
      const stock = pick(rich)
      return stock ? await change({ [reservedField(stock.stockId)]: Math.floor(random() * 4) }) : undefined
    }
    if (what < 0.4) {
      const prices = Object.keys(row.values).filter((field) => lineOf(field) !== undefined)
      const price = favourite(prices.sort(), 1)
      return price ? await change({ [price]: `${1_000 + n}.0001` }) : undefined
    }
    if (what < 0.5) return await change({ dueAt: new Date(Date.UTC(2030, 0, 1, 0, n)).toISOString() })
    await change({ [pick(['note', 'buyer']) ?? 'note']: `Here ${n}` })
  }
  /** As somebody of C3 would, over whatever is there. Noted before anybody is told, who could write over it before it was. */
  const put = async (
    rfqId: string,
    change: Partial<RfqUpdate>,
    { field, value }: Pick<Edit<Type>, 'field' | 'value'>,
  ): Promise<void> => {
    const answer = await fetch(`${bed.url}/c3/rfq-updates`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-api-key': DEMO_API_KEY },
      body: JSON.stringify({ items: [{ key: randomUUID(), rfqId, ...change }] }),
    })
    const { results } = (await answer.json()) as { results: { outcome: string }[] }
    if (results[0]?.outcome === 'DONE') note({ side: 'THERE', type: 'rfqs', id: rfqId, field, value })
    await tell('rfqs', rfqId)
  }
  const there = async (type: Type, n: number) => {
    if (type === 'inventory') {
      const row = pick(await bed.records('inventory'))
      if (!row) return
      const { stockId } = row
      await bed.sim('records/inventory', { stockId, quantityAvailable: row.quantityAvailable + 1 })
      return await tell(type, stockId)
    }
    const rfqs = (await bed.records('rfqs')).filter(({ deleted }) => !deleted)
    const rfq = favourite(rfqs.sort(byId), FEW)!
    const { rfqId } = rfq
    const what = random()
    if (what < 0.05) {
      await bed.sim('records/rfqs', {
        rfqId: `T-${seed}-${n}`,
        rfqNumber: `There ${seed} ${n}`,
        reservations: [],
      })
    } else if (what < 0.08) {
      await bed.sim('records/rfqs', { rfqId, deleted: true })
      await tell(type, rfqId)
    } else if (what < 0.16) {
      const status = pick(['LOST', 'LAPSED', 'NEW', 'QUOTED'] as const) ?? 'LAPSED'
      await put(rfqId, { status }, { field: 'status', value: status })
    } else if (what < 0.4) {
      const line = favourite(rfq.lines, 1)?.line ?? 1
      const unitPrice = `${2_000_000 + n}.0001`
      await put(rfqId, { lines: [{ line, unitPrice }] }, { field: priceField(line), value: unitPrice })
    } else if (what < 0.5) {
      const dueAt = new Date(Date.UTC(2040, 0, 1, 0, n)).toISOString()
      await put(rfqId, { dueAt }, { field: 'dueAt', value: dueAt })
    } else {
      const field = pick(['note', 'buyer'] as const) ?? 'note'
      await put(rfqId, { [field]: `There ${n}` }, { field, value: `There ${n}` })
    }
  }
  return { here, there }
}
