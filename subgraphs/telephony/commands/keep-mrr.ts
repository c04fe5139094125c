import { publish } from '#events/outbox.ts'
import { auditAll } from '#service/audit.ts'
import { dayAfter } from '../domain/months.ts'
import { CLOCK, type Night } from '../domain/nights.ts'
import { sumOf } from '../domain/rating.ts'
import { accountChanged } from '../domain/telling.ts'
import { setMrr } from '../store/account-changes.ts'
import { accountsAfter } from '../store/accounts.ts'
import { numbersAtEnd } from '../store/held-numbers.ts'
import { noteMrr } from '../store/mrr-days.ts'
import { calendarAt, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import { accountPlansOn } from '../store/rate-plans.ts'
import type { Transaction } from '../store/transaction.ts'

const PAGE = 500

/**
 * Works out, once a night, what accounts pay a month, as the day that is over ended: by the rate plan its fee and the account's telephone
 * numbers; without one what was stated. Where that is another amount than the account has, it is written and told.
 * @returns whether there is more
 */
export const keepMrr = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'MRR')
  const at = clock.now()
  const day = dayAfter((await calendarAt(tx, orgId, at)).today, -1)
  const before = dayAfter(day, -1)
  const done = await progressOf(tx, orgId, 'MRR')
  if (done && done.until >= day) return false
  // An account that a night was broken off at means nothing to the next night.
  const after = done?.until === before ? (done.afterBan ?? '') : ''
  const accounts = await accountsAfter(tx, orgId, after, PAGE)
  const bans = accounts.map(({ ban }) => ban)
  const plans = new Map((await accountPlansOn(tx, orgId, bans, day)).map((plan) => [plan.ban, plan.terms]))
  const held = Map.groupBy(await numbersAtEnd(tx, orgId, bans, day), ({ ban }) => ban)
  const paid = accounts.map((account) => {
    const terms = account.status === 'CHURNED' ? undefined : plans.get(account.ban)
    const costs = (held.get(account.ban) ?? []).map(({ cost }) => cost)
    return {
      ...account,
      isRated: terms !== undefined,
      mrr: terms ? sumOf([terms.monthlyFee, ...costs]) : account.mrr,
    }
  })
  const old = new Map(accounts.map((account) => [account.ban, account.mrr]))
  const changed = await setMrr(
    tx,
    orgId,
    paid.filter(({ isRated }) => isRated).map(({ ban, mrr }) => ({ ban, mrr })),
    at,
  )
  await auditAll(
    tx,
    changed.map(({ ban, mrr }) => ({
      ...{ orgId, principal: CLOCK, action: 'keepMrr', at, subject: { type: 'BillingAccount', id: ban } },
      ...{ before: { mrr: old.get(ban) }, after: { mrr } },
    })),
  )
  await noteMrr(
    tx,
    orgId,
    day,
    paid.map(({ ban, status, mrr, currency, createdAt }) => ({
      ...{ ban, status, currency, openedAt: createdAt, mrr: status === 'CHURNED' ? '0' : mrr },
    })),
  )
  await publish(
    tx,
    orgId,
    changed.map((account) => accountChanged(account, at)),
    at,
  )
  const last = accounts.length === PAGE ? bans.at(-1)! : null
  await noteProgress(tx, orgId, 'MRR', { until: last ? before : day, afterBan: last })
  return last !== null
}
