import Big from 'big.js'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { Flaw } from '../domain/asset.ts'
import { lockAccount } from '../store/accounts.ts'
import { saveSpendLimit } from '../store/thresholds.ts'
import { awaitWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'

const MOST = new Big('999999999999.9999')

const isAmount = (text: string): boolean => {
  try {
    const amount = new Big(text)
    return amount.gt(0) && amount.lte(MOST) && amount.round(4, Big.roundDown).eq(amount)
  } catch {
    return false
  }
}

/**
 * Says what an account wants to spend in a month, in its currency; null: nobody watches that. It is judged by it at once.
 * @returns what is wrong with the amount; null when there is no such account
 */
export const setSpendLimit = (
  ctx: Context,
  ban: string,
  amount: string | null,
): Promise<{ receipt: Receipt } | Flaw | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    if (amount !== null && !isAmount(amount))
      return { field: 'amount', problem: 'must be an amount above 0 with at most 4 decimals' }
    // First: whoever judges accounts waits for those that are held, and must not be waited for by who holds them.
    await awaitWatching(tx, orgId)
    if (!(await lockAccount(tx, orgId, ban))) return null
    const before = await saveSpendLimit(tx, orgId, ban, amount)
    await audit(tx, {
      ...{ orgId, principal, action: 'setSpendLimit', at: clock.now() },
      ...{ subject: { type: 'BillingAccount', id: ban }, before: { spendLimit: before } },
      after: { spendLimit: amount },
    })
    await judgeAccounts(tx, ctx, [ban])
    return { receipt: await receiptOf(tx) }
  })
