import { decimal } from '#kernel/money.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type StaleRefusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { AMOUNT } from '../domain/asset.ts'
import { type CreditRuleRow, creditRuleOf, setCreditRule } from '../store/credit.ts'
import { lockEstates } from '../store/estates.ts'
import { ACTION, shareOutPage } from './share-out-credit.ts'

/** What the rule shall be, and the version of it that was read. */
export interface CreditRuleAsk {
  perCall?: string | null | undefined
  currency: string
  expectedVersion?: number | null | undefined
}

export type CreditRuleAnswer =
  | { rule: CreditRuleRow; trunksChanged: number; receipt: Receipt }
  | InvalidRefusal
  | StaleRefusal

/**
 * Sets how much credit one call at a time takes, and shares out by it the calls of the first accounts; those of more follow page by page, in
 * transactions of their own. What it says already changes nothing.
 */
export const setCreditPerCall = (ctx: Context, ask: CreditRuleAsk): Promise<CreditRuleAnswer> =>
  ctx.write(async (tx) => {
    const { orgId, clock, principal } = ctx
    const { currency, expectedVersion } = ask
    const perCall = typeof ask.perCall === 'string' ? decimal(ask.perCall) : null
    if (perCall !== null && (!AMOUNT.test(perCall) || Number(perCall) === 0))
      return invalid('perCall', 'It is an amount above 0 with at most four places, or null for no rule.')
    if (!/^[A-Z]{3}$/.test(currency))
      return invalid('currency', 'It is a three-letter currency code such as USD.')
    await lockEstates(tx, orgId)
    const before = await creditRuleOf(tx, orgId)
    if (typeof expectedVersion === 'number' && expectedVersion !== before.version)
      return stale('The credit rule', before.version)
    if (perCall === before.perCall && currency === before.currency)
      return { rule: before, trunksChanged: 0, receipt: await receiptOf(tx) }
    const rule = { perCall, currency, version: before.version + 1 }
    const at = clock.now()
    await setCreditRule(tx, orgId, rule, at)
    await audit(tx, {
      ...{ orgId, principal, at, action: ACTION, subject: { type: 'CreditRule', id: orgId } },
      ...{ before: { perCall: before.perCall, currency: before.currency }, after: { perCall, currency } },
    })
    const { trunksChanged, isComplete } = await shareOutPage(tx, ctx, { rule, after: '' })
    return { rule: { ...rule, isComplete }, trunksChanged, receipt: await receiptOf(tx) }
  })
