import { isDeepStrictEqual } from 'node:util'
import type { NewEvent } from '#events/outbox.ts'
import { eachOnce, type OrderKey, orderId, orderOf, type TradeLine } from '../domain/orders.ts'
import { orderChanged, orderGone } from '../domain/telling.ts'
import { lockOrders, orderKeysOf, orderKeysOfParts, ordersByKey } from '../store/orders.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * Writes lines of trade, and tells of the orders that are then otherwise than before: four statements beside the writing. A line that moves
 * to another day or account changes two orders.
 * @param lines those there will be
 * @param ids of all that change or go
 */
export const writingTrade = async (
  tx: Transaction,
  orgId: string,
  { lines, ids }: { lines: readonly TradeLine[]; ids: readonly string[] },
  write: () => Promise<void>,
  at: Date,
): Promise<NewEvent[]> => {
  await lockOrders(tx, orgId)
  const keys = [...(await orderKeysOf(tx, orgId, ids)), ...lines.flatMap(orderOf)]
  return await comparing(tx, orgId, eachOnce(keys), write, at)
}

/** The same for what is told of parts: an order says of which category its parts are. Mostly two statements, since hardly any part moves. */
export const writingParts = async (
  tx: Transaction,
  orgId: string,
  parts: Parameters<typeof orderKeysOfParts>[2],
  write: () => Promise<void>,
  at: Date,
): Promise<NewEvent[]> => {
  if (parts.length === 0) return []
  await lockOrders(tx, orgId)
  return await comparing(tx, orgId, await orderKeysOfParts(tx, orgId, parts), write, at)
}

const comparing = async (
  tx: Transaction,
  orgId: string,
  keys: readonly OrderKey[],
  write: () => Promise<void>,
  at: Date,
): Promise<NewEvent[]> => {
  const held = async () =>
    new Map((await ordersByKey(tx, orgId, keys)).map((order) => [orderId(order), order]))
  const before = await held()
  await write()
  const after = await held()
  return keys.flatMap((key) => {
    const [was, is] = [before.get(orderId(key)), after.get(orderId(key))]
    if (!is) return was ? [orderGone(was, at)] : []
    return isDeepStrictEqual(was, is) ? [] : [orderChanged(is)]
  })
}
