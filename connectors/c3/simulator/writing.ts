import type { Kind, Kinds, Rfq, RfqStatus, RfqUpdate, StockRow, Write, WriteResult, Writes } from '../wire.ts'
import { misfitsOf } from './contract.ts'
import { sum, type Tables } from './records.ts'

/** Writes a record as C3 itself changes one: with its next version, and whoever listens is told. */
export type Put = <K extends Kind>(kind: K, record: Kinds[K]) => Kinds[K]

type Code = NonNullable<WriteResult['code']>
type Done = Pick<WriteResult, 'id' | 'version' | 'updatedAt'>

/** Why an item is refused. */
class Refusal extends Error {
  readonly code: Code
  readonly version: number | null
  constructor(code: Code, message: string, version: number | null = null) {
    super(message)
    this.code = code
    this.version = version
  }
}

const SHAPES: { [W in Write]: string } = {
  'price-recommendations': 'PriceRecommendation',
  'supplier-alerts': 'SupplierAlert',
  'inventory-recommendations': 'InventoryRecommendation',
  'rfq-updates': 'RfqUpdate',
}

/** To what a request for quotation may go from where it is. */
const NEXT: Readonly<Record<RfqStatus, readonly RfqStatus[]>> = {
  NEW: ['QUOTED', 'LOST', 'LAPSED'],
  QUOTED: ['ORDERED', 'LOST', 'LAPSED'],
  LAPSED: ['NEW', 'QUOTED'],
  ORDERED: [],
  LOST: [],
}

/** What was written to C3 and by which keys. */
export class Writing {
  readonly #tables: () => Tables
  readonly #put: Put
  /** Answers by what and key, with the content they were given for. */
  readonly #answered = new Map<string, { content: string; done: Done }>()
  readonly #kept: { [W in Write]: Writes[W][] } = {
    'price-recommendations': [],
    'supplier-alerts': [],
    'inventory-recommendations': [],
    'rfq-updates': [],
  }

  constructor(tables: () => Tables, put: Put) {
    this.#tables = tables
    this.#put = put
  }

  /** Everything that was written and not refused, once each. */
  kept = (what: Write): readonly unknown[] => this.#kept[what]

  /** Does items one by one. */
  write(what: Write, items: readonly unknown[]): WriteResult[] {
    return items.map((item) => this.#writeOne(what, item as { key?: unknown }))
  }

  #writeOne(what: Write, item: { key?: unknown }): WriteResult {
    const key = typeof item.key === 'string' ? item.key : ''
    const content = JSON.stringify(item)
    const before = this.#answered.get(`${what}\n${key}`)
    try {
      if (before && before.content !== content)
        throw new Refusal('KEY_REUSED', 'The key was used for something else.')
      if (before) return { key, outcome: 'UNCHANGED', ...before.done, code: null, message: null }
      const [misfit] = misfitsOf(SHAPES[what], item)
      if (misfit) throw new Refusal('INVALID', misfit)
      const done = this.#do(what, item as Writes[Write])
      this.#answered.set(`${what}\n${key}`, { content, done })
      this.#kept[what].push(item as never)
      return { key, outcome: 'DONE', ...done, code: null, message: null }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { code, message, version } = error
      return { key, outcome: 'REFUSED', id: null, version, updatedAt: null, code, message }
    }
  }

  #do(what: Write, item: Writes[Write]): Done {
    if (what === 'rfq-updates') return this.#update(item as RfqUpdate)
    const { rfqId, supplierId } = item as { rfqId?: string; supplierId?: string | null }
    if (rfqId !== undefined) this.#rfq(rfqId)
    if (supplierId && !this.#tables().suppliers.get(supplierId))
      throw new Refusal('NOT_FOUND', 'There is no such supplier.')
    return { id: `${what}-${this.#kept[what].length + 1}`, version: null, updatedAt: null }
  }

  #rfq(rfqId: string): Rfq {
    const rfq = this.#tables().rfqs.get(rfqId)
    if (!rfq) throw new Refusal('NOT_FOUND', 'There is no such request for quotation.')
    if (rfq.deleted) throw new Refusal('DELETED', 'The request for quotation is deleted.', rfq.version)
    return rfq
  }

  #update(update: RfqUpdate): Done {
    const old = this.#rfq(update.rfqId)
    if (update.baseVersion !== undefined && update.baseVersion !== old.version)
      throw new Refusal('STALE', 'The request for quotation has changed since.', old.version)
    const lines = priced(old, update.lines ?? [])
    const total = sum(lines)
    const status = update.status ?? old.status
    if (status !== old.status && !NEXT[old.status].includes(status))
      throw new Refusal('STATUS_NOT_ALLOWED', `${old.status} does not become ${status}.`, old.version)
    if (status === 'QUOTED' && total === null)
      throw new Refusal('STATUS_NOT_ALLOWED', 'Not every line has a price.', old.version)
    // Whoever does not buy needs nothing held.
    const given = status === 'LOST' || status === 'LAPSED'
    const wanted = given
      ? old.reservations.map((held) => ({ ...held, quantity: 0 }))
      : (update.reservations ?? [])
    const reservations = this.#reserve(old, wanted)
    const { buyer = old.buyer, note = old.note, dueAt = old.dueAt } = update
    const quoteId = old.quoteId ?? (status === 'QUOTED' ? `Q-${old.rfqId.replace(/^\D+/, '')}` : null)
    const changed = { ...old, buyer, note, dueAt, status, quoteId, lines, total, reservations }
    const { version, updatedAt } =
      JSON.stringify(changed) === JSON.stringify(old) ? old : this.#put('rfqs', changed)
    return { id: old.rfqId, version, updatedAt }
  }

  /** Holds stock for a request: all of it or none. */
  #reserve(rfq: Rfq, wanted: readonly { stockId: string; quantity: number }[]): Rfq['reservations'] {
    const held = new Map(rfq.reservations.map(({ stockId, quantity }) => [stockId, quantity]))
    const rows: StockRow[] = []
    for (const { stockId, quantity } of wanted) {
      const row = this.#tables().inventory.get(stockId)
      if (!row || row.deleted) throw new Refusal('NOT_FOUND', `There is no stock ${stockId}.`, rfq.version)
      const quantityReserved = row.quantityReserved + quantity - (held.get(stockId) ?? 0)
      if (quantityReserved > row.quantityAvailable)
        throw new Refusal('NOT_ENOUGH_STOCK', `Of ${stockId} there is not enough.`, rfq.version)
      if (quantityReserved !== row.quantityReserved)
        rows.push({ ...row, quantityReserved: Math.max(0, quantityReserved) })
      if (quantity === 0) held.delete(stockId)
      else held.set(stockId, quantity)
    }
    for (const row of rows) this.#put('inventory', row)
    return [...held].map(([stockId, quantity]) => ({ stockId, quantity }))
  }
}

const priced = (rfq: Rfq, prices: NonNullable<RfqUpdate['lines']>): Rfq['lines'] => {
  const asked = new Map(prices.map(({ line, unitPrice }) => [line, unitPrice]))
  for (const line of asked.keys())
    if (!rfq.lines.some((each) => each.line === line))
      throw new Refusal('INVALID', `There is no line ${line}.`, rfq.version)
  return rfq.lines.map((each) =>
    asked.has(each.line) ? { ...each, unitPrice: asked.get(each.line) ?? null } : each,
  )
}
