import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { isMonth, monthAfter } from '../domain/months.ts'
import { accountsByBan, lockAccount } from '../store/accounts.ts'
import { billedUntil, lockNight } from '../store/nights.ts'
import { lockRatePlan, setAccountPlan } from '../store/rate-plans.ts'

/** Whom to bill by what. */
export interface AccountPlan {
  ban: string
  /** Null: by no plan any more. */
  planId: string | null
  /** As `YYYY-MM`. */
  fromMonth: string
}

/**
 * Bills an account by the newest version of a plan from a month on, instead of what was set for that month or later ones. A month that
 * is billed stays as it was billed.
 */
export const setAccountRatePlan = (
  ctx: Context,
  { ban, planId, fromMonth }: AccountPlan,
): Promise<{ ban: string; fromMonth: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    if (!isMonth(fromMonth)) return invalid('fromMonth', 'Write the month like 2026-11.')
    // Not while a page of accounts is billed: what is set then would count for none of it.
    await lockNight(tx, orgId, 'INVOICES')
    const [account] = (await lockAccount(tx, orgId, ban)) ? await accountsByBan(tx, orgId, [ban]) : []
    if (!account) return missing('The billing account')
    const isOn = typeof planId === 'string'
    const plan = isOn && isId(planId) ? await lockRatePlan(tx, orgId, planId) : undefined
    if (isOn && !plan) return missing('The rate plan')
    if (plan?.retiredAt)
      return invalid('planId', 'The rate plan is retired: choose another one.', 'PLAN_RETIRED')
    if (plan && plan.currency !== account.currency)
      return invalid(
        'planId',
        `The rate plan is in ${plan.currency}, the account pays in ${account.currency}.`,
        'OTHER_CURRENCY',
      )
    const billed = await billedUntil(tx, orgId, ban)
    if (billed && fromMonth <= billed)
      return invalid(
        'fromMonth',
        `Months until ${billed} are billed. The first one that can be changed is ${monthAfter(billed)}.`,
        'BILLED_ALREADY',
      )
    const at = clock.now()
    const set = { ban, fromMonth, planId: plan?.id ?? null, version: plan?.version ?? null }
    await setAccountPlan(tx, orgId, { ...set, at })
    await audit(tx, {
      ...{ orgId, principal, at, action: 'setAccountRatePlan', after: set },
      subject: { type: 'BillingAccount', id: ban },
    })
    return { ban, fromMonth, receipt: await receiptOf(tx) }
  })
