import { decimal } from '#kernel/money.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type StaleRefusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { AMOUNT } from '../domain/asset.ts'
import type { CreditRule } from '../domain/credit.ts'
import { accountsAfter } from '../store/accounts.ts'
import { creditRuleOf, setCreditRule } from '../store/credit.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import { keepEstates } from './keep-estates.ts'

const PAGE = 500

/** What the rule shall be, and the version of it that was read. */
export interface CreditRuleAsk {
  perCall?: string | null | undefined
  currency: string
  expectedVersion?: number | null | undefined
}

export type CreditRuleAnswer =
  | { rule: CreditRule; trunksChanged: number; receipt: Receipt }
  | InvalidRefusal
  | StaleRefusal

/** Sets how much credit one call at a time takes, and shares out the calls of all accounts by it. What it says already changes nothing. */
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
      ...{ orgId, principal, at, action: 'setCreditPerCall', subject: { type: 'CreditRule', id: orgId } },
      ...{ before: { perCall: before.perCall, currency: before.currency }, after: { perCall, currency } },
    })
    let trunksChanged = 0
    for (let after = ''; ; ) {
      const accounts = await accountsAfter(tx, orgId, after, PAGE)
      const last = accounts.at(-1)
      if (!last) break
      const estates = await estatesOf(
        tx,
        orgId,
        accounts.map(({ ban }) => ban),
      )
      const kept = await keepEstates(
        tx,
        { ...ctx, action: 'setCreditPerCall' },
        estates.map((estate) => ({ before: estate, after: estate })),
        rule,
      )
      const versions = new Map(
        estates.flatMap(({ trunks }) => trunks.map(({ id, version }) => [id, version])),
      )
      trunksChanged += kept
        .flatMap(({ trunks }) => trunks)
        .filter(({ id, version }) => version !== versions.get(id)).length
      after = last.ban
    }
    return { rule, trunksChanged, receipt: await receiptOf(tx) }
  })
