import type { NewEvent } from '#events/outbox.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Write } from '#sync/sink.ts'
import type { Applying } from '#sync/target.ts'
import type { FieldValue, Values } from '#sync/values.ts'
import { stockIdOf } from '../domain/rfq-fields.ts'
import { type ReservationRow, replaceReservations, reservationsOf } from '../store/reservations.ts'
import { asTransaction } from '../store/transaction.ts'
import type { Change } from './read-values.ts'
import { localId } from './record-ids.ts'
import { lookAtStock } from './stock-alerts.ts'

/** Of stock rows, by C3's id, how many are held. */
type Held = ReadonlyMap<string, number>

/**
 * Brings what is held for requests, as their fields say, to the stock rows it is held on. Between our promise and C3's answer the
 * promise counts as reserved here; from the answer on C3's row counts it, and is read: it alone says how many are free.
 * @returns how others are told of what has come to be scarce
 */
export const holdStock = (
  tx: object,
  changes: readonly Change[],
  goneIds: readonly string[],
  around: Applying,
): Promise<NewEvent[]> =>
  hold(tx, around, [
    ...changes.map((change) => ({
      rfqId: change.localId,
      isNew: !('diff' in change) || change.restored,
      held: rowsOf(around, heldIn(change.values), heldIn(change.base ?? change.values)),
    })),
    ...goneIds.map((rfqId) => ({ rfqId, isNew: false, held: [] })),
  ])

/** C3 has taken writes: what they say is held, C3 holds. */
export const stockIsHeld = async (tx: object, writes: readonly Write[], around: Applying): Promise<void> => {
  const told = new Map(
    writes.flatMap(({ localId: rfqId, fields }) => {
      const held = heldIn(
        Object.fromEntries(Object.entries(fields).map(([field, { to }]) => [field, to ?? 0])),
      )
      return held.size > 0 ? [[rfqId, held] as const] : []
    }),
  )
  if (told.size === 0) return
  const known = Map.groupBy(
    await reservationsOf(asTransaction(tx), around.orgId, [...told.keys()]),
    ({ rfqId }) => rfqId,
  )
  await hold(
    tx,
    around,
    [...told].map(([rfqId, held]) => {
      const rows = known.get(rfqId) ?? []
      const ours = new Map(rows.map(({ c3StockId, quantity }) => [c3StockId, quantity]))
      const theirs = new Map(rows.map(({ c3StockId, c3Quantity }) => [c3StockId, c3Quantity]))
      return { rfqId, isNew: false, held: rowsOf(around, ours, new Map([...theirs, ...held])) }
    }),
  )
}

const heldIn = (values: Values): Held =>
  new Map(
    Object.entries(values).flatMap(([field, quantity]: [string, FieldValue]) => {
      const c3StockId = stockIdOf(field)
      return c3StockId === undefined || quantity === null ? [] : [[c3StockId, Number(quantity)] as const]
    }),
  )

const rowsOf = (
  { orgId, connectionId }: Applying,
  ours: Held,
  theirs: Held,
): Omit<ReservationRow, 'rfqId'>[] =>
  [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((c3StockId) => ({
      ...{ c3StockId, stockId: localId(orgId, connectionId, 'inventory', c3StockId) },
      ...{ quantity: ours.get(c3StockId) ?? 0, c3Quantity: theirs.get(c3StockId) ?? 0 },
    }))
    .filter(({ quantity, c3Quantity }) => quantity + c3Quantity > 0)

const hold = async (
  tx: object,
  { orgId, connectionId, at }: Applying,
  requests: Parameters<typeof replaceReservations>[2],
): Promise<NewEvent[]> => {
  const moved = await replaceReservations(asTransaction(tx), orgId, requests)
  const signals = moved
    .filter(({ isRecounted }) => isRecounted)
    .map(({ c3StockId: externalId }) => ({
      ...{ orgId, connectionId, type: 'inventory', externalId, isUrgent: true },
    }))
  await noteSignals(tx, signals, at)
  const stockIds = moved.map(({ stockId }) => stockId)
  return await lookAtStock(asTransaction(tx), orgId, { stockIds }, at)
}
