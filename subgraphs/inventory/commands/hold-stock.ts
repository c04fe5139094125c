import { idFrom, isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, missing, type Refusal } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  freeOn,
  giveBackTo,
  heldOn,
  MOST_PIECES,
  mayHold,
  type Portion,
  type Shelf,
  takeFrom,
} from '../domain/reservations.ts'
import { reservedField } from '../domain/rfq-fields.ts'
import { lockShelves } from '../store/reservations.ts'
import { happeningById, noteHappenings } from '../store/rfq-history.ts'
import type { RfqRow } from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'
import { staleRfq, standingRfq } from './standing-rfq.ts'

/** What shall be held or given back, and for which request. */
export interface StockAsk {
  rfqId: string
  stockItemId?: string | null | undefined
  componentId?: string | null | undefined
  /** Left out: all that is held. */
  quantity?: number | null | undefined
}

/** How it was asked for. */
export interface Asking {
  expectedVersion?: number | null | undefined
  idempotencyKey?: string | null | undefined
}

/** So many are not free. */
export interface NotEnoughStock {
  __typename: 'NotEnoughStock'
  code: 'NOT_ENOUGH_STOCK'
  message: string
  available: number
}

type Kind = 'RESERVED' | 'RELEASED'
export interface StockMoved {
  rfqId: string
  receipt: Receipt
}
/** Which parts of which shelves, or why none. */
type Choose<No> = (rfq: RfqRow, shelves: readonly Shelf[]) => { portions: Portion[] } | No

/**
 * Holds stock for a request, all of it or none: here at once, and C3 is told. Whoever asks at the same time waits: never more is
 * promised than lies there. The same request sent again, by its key, holds nothing more.
 */
export const reserveStock = (
  ctx: Context,
  ask: StockAsk & { quantity: number },
  asking: Asking,
): Promise<StockMoved | NotEnoughStock | Refusal> =>
  ctx.write((tx) =>
    move<NotEnoughStock | InvalidRefusal>(
      ctx,
      tx,
      { kind: 'RESERVED', ask, asking },
      ({ status }, shelves) => {
        if (!mayHold(status))
          return invalid('rfqId', 'The request is over: nothing is held for it any more.', 'RFQ_OVER')
        const portions = takeFrom(shelves, ask.quantity)
        return portions ? { portions } : notEnough(ask.quantity, freeOn(shelves))
      },
    ),
  )

/** Gives back what is held for a request: here at once, and C3 is told. What C3 has counted is free once it says so. */
export const releaseStock = (ctx: Context, ask: StockAsk, asking: Asking): Promise<StockMoved | Refusal> =>
  ctx.write((tx) =>
    move<InvalidRefusal>(ctx, tx, { kind: 'RELEASED', ask, asking }, (_, shelves) => {
      const held = heldOn(shelves)
      const portions = giveBackTo(shelves, ask.quantity ?? held)
      return portions
        ? { portions }
        : invalid('quantity', `Only ${held} are held for the request.`, 'NOT_SO_MANY_HELD')
    }),
  )

const notEnough = (wanted: number, available: number): NotEnoughStock => ({
  __typename: 'NotEnoughStock',
  code: 'NOT_ENOUGH_STOCK',
  message: `${wanted} are not free, only ${available}. Take fewer, or another part.`,
  available,
})

interface Asked {
  kind: Kind
  ask: StockAsk
  asking: Asking
}

const move = async <No extends NotEnoughStock | InvalidRefusal>(
  ctx: Context,
  tx: Transaction,
  asked: Asked,
  choose: Choose<No>,
): Promise<StockMoved | No | Refusal> => {
  const { orgId, clock } = ctx
  const { kind, ask, asking } = asked
  const fault = faultOf(asked)
  if (fault) return fault
  const rfq = await standingRfq(tx, orgId, ask.rfqId)
  if (!rfq) return missing('The request for prices')
  const { idempotencyKey: key } = asking
  const id = typeof key === 'string' ? idFrom(orgId, rfq.id, 'stock', key) : newId(clock)
  const before = typeof key === 'string' ? await happeningById(tx, orgId, id) : undefined
  if (before)
    return before.kind === kind && before.details.asked === wordsOf(ask)
      ? { rfqId: rfq.id, receipt: await receiptOf(tx) }
      : invalid('idempotencyKey', 'The key was used for something else. Take another one.', 'KEY_REUSED')
  const stale = staleRfq(rfq, asking.expectedVersion)
  if (stale) return stale
  const shelves = await lockShelves(tx, orgId, {
    ...{ connectionId: rfq.connectionId, rfqId: rfq.id },
    ...{ stockId: ask.stockItemId ?? null, componentId: ask.componentId ?? null },
  })
  if (shelves.length === 0 && (ask.stockItemId || ask.componentId)) return missing('Stock of it in this C3')
  const chosen = choose(rfq, shelves)
  if (!('portions' in chosen)) return chosen
  const { portions } = chosen
  if (portions.length > 0) await write(ctx, tx, rfq, { ...asked, id, portions })
  return { rfqId: rfq.id, receipt: await receiptOf(tx) }
}

const write = async (
  ctx: Context,
  tx: Transaction,
  rfq: RfqRow,
  { kind, ask, id, portions }: Asked & { id: string; portions: readonly Portion[] },
): Promise<void> => {
  const { orgId, principal, clock } = ctx
  const at = clock.now()
  const sign = kind === 'RESERVED' ? 1 : -1
  const moved = portions.map(({ shelf, quantity }) => ({
    shelf,
    quantity,
    held: shelf.held + sign * quantity,
  }))
  const values = Object.fromEntries(moved.map(({ shelf, held }) => [reservedField(shelf.c3StockId), held]))
  const place = { orgId, integrationId: rfq.connectionId, type: 'rfqs' as const }
  await ctx.changeRecords(tx, place, { updates: [{ localId: rfq.id, values }] }, at)
  await noteHappenings(
    tx,
    orgId,
    moved.map(({ shelf, quantity }, n) => ({
      ...{ id: n === 0 ? id : newId(clock), rfqId: rfq.id, at, kind, by: 'PERSON' as const },
      details: { stockId: shelf.id, quantity, ...(n === 0 ? { asked: wordsOf(ask) } : {}) },
    })),
  )
  await audit(tx, {
    ...{ orgId, principal, at, action: kind === 'RESERVED' ? 'reserveStock' : 'releaseStock' },
    subject: { type: 'Rfq', id: rfq.id },
    before: Object.fromEntries(moved.map(({ shelf }) => [`stock ${shelf.id}`, shelf.held])),
    after: Object.fromEntries(moved.map(({ shelf, held }) => [`stock ${shelf.id}`, held])),
  })
}

/** The same text for the same request. */
const wordsOf = ({ stockItemId, componentId, quantity }: StockAsk): string =>
  `${stockItemId ?? componentId ?? 'all'} ${quantity ?? 'all'}`

const LONGEST_KEY = 200

const faultOf = ({ kind, ask, asking }: Asked): InvalidRefusal | undefined => {
  const { stockItemId, componentId, quantity } = ask
  const { idempotencyKey: key } = asking
  if (typeof key === 'string' && (key === '' || key.length > LONGEST_KEY))
    return invalid('idempotencyKey', `It has between 1 and ${LONGEST_KEY} letters.`)
  if (stockItemId && componentId)
    return invalid('stockItemId', 'Name a stock row or a part, not both: the row says which part it is.')
  if (kind === 'RESERVED' && !stockItemId && !componentId)
    return invalid('stockItemId', 'Name the stock row to take from, or the part.')
  if (stockItemId && !isId(stockItemId)) return invalid('stockItemId', 'That is no id of a stock row.')
  if (componentId && !isId(componentId)) return invalid('componentId', 'That is no id of a part.')
  if (typeof quantity === 'number' && (quantity < 1 || quantity > MOST_PIECES))
    return invalid('quantity', `It is a whole number from 1 to ${MOST_PIECES}.`)
  return undefined
}
