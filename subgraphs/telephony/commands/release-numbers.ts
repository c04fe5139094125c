import { invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { moveNumber } from '../domain/numbers.ts'
import { leaveCampaigns } from '../store/campaigns.ts'
import { lockNumbers, lockNumbersOn, numbersOfAccounts } from '../store/numbers.ts'
import { portsOfAccounts } from '../store/ports.ts'
import type { Transaction } from '../store/transaction.ts'
import { type KeepingNumbers, keepNumbers } from './keep-numbers.ts'
import { endPorts } from './move-port.ts'
import { changeOne, type NumberAnswer, type NumberAsk } from './standing-number.ts'

/** Takes a number back from its account. It may be given out again; this entry of it stays. */
export const releaseNumber = (ctx: Context, ask: NumberAsk): Promise<NumberAnswer> =>
  changeOne(ctx, 'releaseNumber', ask, async (number, tx, at) => {
    if (number.status !== 'ACTIVE')
      return invalid(
        'id',
        'The number is moving between carriers. Cancel its order, or wait until it is through.',
        'NUMBER_MOVING',
      )
    await leaveCampaigns(tx, ctx.orgId, [number.id])
    return moveNumber(number, 'RELEASED', at)
  })

/**
 * Takes back all numbers of an account that ends, in the caller's transaction, which holds the account: orders for numbers of others are
 * cancelled; numbers that leave for another carrier go on leaving. A constant number of statements, and nothing the second time.
 */
export const releaseNumbersOf = async (
  tx: Transaction,
  around: KeepingNumbers,
  ban: string,
): Promise<void> => {
  const { orgId, at } = around
  const coming = (await portsOfAccounts(tx, orgId, [ban])).filter(({ direction }) => direction === 'IN')
  await endPorts(tx, around, coming)
  const active = (await numbersOfAccounts(tx, orgId, [ban])).filter(({ status }) => status === 'ACTIVE')
  if (active.length === 0) return
  const ids = active.map(({ id }) => id)
  const numbers = await lockNumbers(tx, orgId, ids)
  await leaveCampaigns(tx, orgId, ids)
  await keepNumbers(
    tx,
    around,
    numbers.map((before) => ({ before, after: moveNumber(before, 'RELEASED', at) })),
  )
}

/** Parks the numbers of trunks that are taken down, in the caller's transaction, which holds their accounts. A constant number of statements. */
export const parkNumbersOf = async (
  tx: Transaction,
  around: KeepingNumbers,
  trunkIds: readonly string[],
): Promise<void> => {
  const numbers = trunkIds.length === 0 ? [] : await lockNumbersOn(tx, around.orgId, trunkIds)
  if (numbers.length === 0) return
  await keepNumbers(
    tx,
    around,
    numbers.map((before) => ({ before, after: { ...before, trunkId: null } })),
  )
}
