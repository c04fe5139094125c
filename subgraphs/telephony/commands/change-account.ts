import { decimal } from '#kernel/money.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AccountMove, type AccountMoveRefusal, moveAccount } from '../domain/account-life.ts'
import { type AccountTerms, flawInTerms } from '../domain/asset.ts'
import { rememberLimit } from '../domain/said-limit.ts'
import type { BillingAccountRow } from '../store/accounts.ts'
import { type EstateRows, estatesOf, lockEstates } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { keepEstates } from './keep-estates.ts'
import { settleCredit } from './take-credit-limits.ts'

/** The account that is named, and the version of it that was read. */
export interface AccountAsk {
  ban: string
  expectedVersion?: number | null | undefined
}

export type AccountAnswer = { account: BillingAccountRow; receipt: Receipt } | AccountMoveRefusal | Refusal

/** What shall be different about an account. What is left out, or null where nothing can be none, stays as it is. */
export type AccountChanges = { [Field in keyof AccountTerms]?: AccountTerms[Field] | null | undefined }

/** Changes what is agreed with an account. Another credit limit changes how many calls its trunks carry. */
export const changeAccount = (
  ctx: Context,
  ask: AccountAsk & { changes: AccountChanges },
): Promise<AccountAnswer> =>
  decide(ctx, 'changeBillingAccount', ask, (estate) => {
    const terms = merged(estate.account, ask.changes)
    const flaw = flawInTerms(terms)
    if (flaw) return invalid(flaw.field, `${flaw.field} ${flaw.problem}.`)
    return { ...estate, account: withTerms(estate.account, terms) }
  })

/** Moves an account to another state, its trunks with it; keeping them has what is the account's follow. */
const moveTo = (ctx: Context, action: string, ask: AccountAsk, move: AccountMove): Promise<AccountAnswer> =>
  decide(ctx, action, ask, (estate) => moveAccount(estate, move))

/** Stops an account for a while, and its active trunks with it. */
export const suspendAccount = (
  ctx: Context,
  ask: AccountAsk & { reason: NonNullable<BillingAccountRow['suspendedBecause']> },
): Promise<AccountAnswer> =>
  moveTo(ctx, 'suspendBillingAccount', ask, { to: 'SUSPENDED', because: ask.reason })

/** Lets an account go on, with those trunks that were stopped with it. */
export const reactivateAccount = (ctx: Context, ask: AccountAsk): Promise<AccountAnswer> =>
  moveTo(ctx, 'reactivateBillingAccount', ask, { to: 'ACTIVE' })

/** Closes an account for good: its trunks are taken down and its numbers released. */
export const closeAccount = (ctx: Context, ask: AccountAsk): Promise<AccountAnswer> =>
  moveTo(ctx, 'closeBillingAccount', ask, { to: 'CHURNED', at: ctx.clock.now() })

const decide = (
  ctx: Context,
  action: string,
  { ban, expectedVersion }: AccountAsk,
  judge: (estate: EstateRows) => EstateRows | AccountMoveRefusal | Refusal,
): Promise<AccountAnswer> =>
  ctx.write(async (tx: Transaction) => {
    await lockEstates(tx, ctx.orgId)
    const [before] = await estatesOf(tx, ctx.orgId, [ban])
    if (!before) return missing('The billing account')
    const { version } = before.account
    if (typeof expectedVersion === 'number' && expectedVersion !== version)
      return stale('The billing account', version)
    const after = judge(before)
    if ('__typename' in after) return after
    const [kept] = await keepEstates(tx, { ...ctx, action }, [{ before, after }])
    // What its customer's company has said may have waited for there being only one account.
    if (after.account.status === 'CHURNED') await settleCredit(tx, ctx, { bans: [ban], customerIds: [] })
    return { account: kept!.account, receipt: await receiptOf(tx) }
  })

/** What is agreed with the account once the changes are made. */
const merged = (account: BillingAccountRow, changes: AccountChanges): AccountTerms => {
  const { name, tier, mrr, paymentTerms, paymentMethod, paymentStatus, apiEnabled, smsEnabled } = changes
  const { domain, creditLimit, contractEnd } = changes
  return {
    name: name ?? account.name,
    tier: tier ?? account.tier,
    mrr: mrr ?? account.mrr,
    paymentTerms: paymentTerms ?? account.paymentTerms,
    paymentMethod: paymentMethod ?? account.paymentMethod,
    paymentStatus: paymentStatus ?? account.paymentStatus,
    apiEnabled: apiEnabled ?? account.apiEnabled,
    smsEnabled: smsEnabled ?? account.smsEnabled,
    // Of these, null means none.
    domain: domain === undefined ? account.domain : domain,
    creditLimit: creditLimit === undefined ? limitOf(account) : creditLimit,
    contractEnd: contractEnd === undefined ? account.contractEnd : contractEnd,
  }
}

const limitOf = ({ creditLimit, hasCreditLimit }: BillingAccountRow): string | null =>
  hasCreditLimit ? creditLimit : null

const withTerms = (account: BillingAccountRow, terms: AccountTerms): BillingAccountRow => {
  const { creditLimit, domain, contractEnd, ...rest } = terms
  const limit = typeof creditLimit === 'string' ? decimal(creditLimit) : null
  const isNew = limit !== null && limit !== limitOf(account)
  return {
    ...account,
    ...rest,
    name: rest.name.trim(),
    mrr: decimal(rest.mrr),
    domain: domain?.trim().toLowerCase() || null,
    contractEnd: contractEnd ?? null,
    creditLimit: limit ?? '0',
    hasCreditLimit: limit !== null,
    // Should HubSpot say it back, that is no news.
    creditLimitsSet: isNew ? rememberLimit(account.creditLimitsSet, limit) : account.creditLimitsSet,
  }
}
