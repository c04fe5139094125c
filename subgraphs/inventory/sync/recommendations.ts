import {
  type C3,
  type InventoryRecommendation,
  type PriceRecommendation,
  type SupplierAlert,
  VendorRefused,
  type WriteResult,
  type Writes,
} from '#connectors/c3/index.ts'
import type { Clock } from '#kernel/clock.ts'
import type { RaiseAlerts } from '#sync/alerts.ts'
import { concludeApart } from '#sync/apart.ts'
import { holdLane } from '#sync/lanes.ts'
import type { WriteApart } from '#sync/pusher.ts'
import { SENT_TYPES, type SentType } from '../domain/sent-recommendations.ts'
import { movePushes, toBeWritten } from '../store/recommendation-pushes.ts'
import type { RecommendationRow } from '../store/recommendations.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'
import type { C3s } from './c3s.ts'

interface Options {
  database: Rows
  clock: Clock
  c3s: C3s
  raise?: RaiseAlerts
}

/**
 * Writes recommendations to C3, by kind. Each goes out under its own id: one whose answer was lost is sent again just as it was, which
 * C3 takes once. One that C3 does not take is kept with its reason, and the others go on.
 */
export const recommendationWriters = (options: Options): Readonly<Record<string, WriteApart>> =>
  Object.fromEntries(SENT_TYPES.map((type) => [type, writerOf(type, options)]))

const writerOf =
  (type: SentType, options: Options): WriteApart =>
  async (lane, waiting, signal) => {
    const { database, clock, c3s } = options
    const { orgId } = lane
    const startedAt = clock.now()
    const rows = await database.read(orgId, (tx) =>
      toBeWritten(
        tx,
        orgId,
        waiting.map(({ key }) => key),
      ),
    )
    const c3 = await c3s.open(await c3s.connection({ orgId, integrationId: lane.connectionId }), { signal })
    const going = new Set(rows.map(({ id }) => id))
    // Before anything may be there: what was sent is sent again, whatever becomes of us.
    await database.transaction(orgId, async (raw) => {
      const tx = asTransaction(raw)
      await holdLane(tx, lane)
      const at = clock.now()
      await movePushes(
        tx,
        orgId,
        rows.map(({ id }) => ({ id, state: 'SENDING' })),
        at,
      )
      const dropped = waiting.filter(({ key }) => !going.has(key))
      await movePushes(
        tx,
        orgId,
        dropped.map(({ key }) => ({ id: key, state: null })),
        at,
      )
      await concludeApart(tx, options, lane, { settled: dropped, done: [], failed: [], startedAt })
    })
    if (rows.length === 0) return
    const results = await write(c3, type, rows)
    const failed = results.flatMap((result) =>
      result.outcome === 'REFUSED' ? [{ id: result.key, error: refusal(result) }] : [],
    )
    const done = results.filter(({ outcome }) => outcome !== 'REFUSED').map(({ key }) => key)
    await database.transaction(orgId, async (raw) => {
      const tx = asTransaction(raw)
      await holdLane(tx, lane)
      const settled = waiting.filter(({ key }) => going.has(key))
      const reasons = await concludeApart(tx, options, lane, { settled, done, failed, startedAt })
      const moved = [
        ...done.map((id) => ({ id, state: 'SENT' as const })),
        ...failed.map(({ id }) => ({ id, state: 'REFUSED' as const, problem: reasons.get(id) ?? null })),
      ]
      await movePushes(tx, orgId, moved, clock.now())
    })
  }

const refusal = ({ code, message }: WriteResult): Error =>
  VendorRefused.with({ vendor: 'C3', reason: message || code || 'no reason given' })

const write = (c3: C3, type: SentType, rows: readonly RecommendationRow[]): Promise<WriteResult[]> =>
  c3.write(type, rows.map(wireOf[type] as (row: RecommendationRow) => Writes[SentType]))

/** C3 counts confidence from nought to one. */
const share = (percent: number): number => percent / 100
const LONGEST = 2_000

const priceRecommendation = (row: RecommendationRow): PriceRecommendation => {
  const common = {
    key: row.id,
    rfqId: row.c3RfqId ?? '',
    line: row.line,
    partNumber: row.partNumber ?? '',
    currency: row.currency ?? '',
    confidence: share(row.confidence),
    reasoning: row.reasoning.slice(0, LONGEST),
  }
  const amount = row.amount ?? ''
  if (row.kind === 'PRICING')
    return { ...common, kind: 'pricing', unitPrice: amount, low: row.low ?? amount, high: row.high ?? amount }
  return {
    ...common,
    kind: 'alternative',
    alternativePartNumber: row.alternativePartNumber ?? '',
    alternativeManufacturer: row.alternativeManufacturer ?? '',
    saving: amount,
  }
}

const supplierAlert = (row: RecommendationRow): SupplierAlert => ({
  key: row.id,
  kind: row.risk ?? 'SHORTAGE',
  severity: row.severity ?? 'LOW',
  partNumber: row.partNumber,
  manufacturer: row.manufacturer,
  supplierId: row.c3SupplierId,
  message: row.reasoning.slice(0, LONGEST),
  at: row.createdAt.toISOString(),
})

const inventoryRecommendation = (row: RecommendationRow): InventoryRecommendation => ({
  key: row.id,
  partNumber: row.partNumber ?? '',
  manufacturer: row.manufacturer ?? '',
  location: null,
  reorderPoint: row.reorderPoint ?? 0,
  orderQuantity: row.orderQuantity ?? 0,
  serviceLevel: row.serviceLevel ?? 0,
  confidence: share(row.confidence),
  reasoning: row.reasoning.slice(0, LONGEST),
})

const wireOf: { [T in SentType]: (row: RecommendationRow) => Writes[T] } = {
  'price-recommendations': priceRecommendation,
  'supplier-alerts': supplierAlert,
  'inventory-recommendations': inventoryRecommendation,
}
