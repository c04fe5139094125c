import { publish } from '#events/outbox.ts'
import { auditAll } from '#service/audit.ts'
import { stoodAt } from '../domain/account-life.ts'
import { dayAfter } from '../domain/months.ts'
import { CLOCK, type Night } from '../domain/nights.ts'
import { sumOf } from '../domain/rating.ts'
import { accountChanged } from '../domain/telling.ts'
import { setMrr } from '../store/account-changes.ts'
import { accountsAfter, type BillingAccountRow } from '../store/accounts.ts'
import { numbersAtEnd } from '../store/held-numbers.ts'
import { type MrrAtNight, noteMrr } from '../store/mrr-days.ts'
import { calendarAt, endOf, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import { accountPlansOn } from '../store/rate-plans.ts'
import type { Transaction } from '../store/transaction.ts'

const PAGE = 500

/**
 * Works out what accounts paid a month as a day ended, each day that is over once and in their order: by the rate plan its fee and the
 * telephone numbers held then; without one what was stated. Where that is, as the last of these days ended, another amount than the
 * account has, it is written and told.
 * @returns whether there is more
 */
export const keepMrr = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'MRR')
  const at = clock.now()
  const yesterday = dayAfter((await calendarAt(tx, orgId, at)).today, -1)
  const done = await progressOf(tx, orgId, 'MRR')
  const day = done ? dayAfter(done.until) : yesterday
  if (day > yesterday) return false
  const accounts = await accountsAfter(tx, orgId, done?.afterBan ?? '', PAGE)
  const paid = await paidOn(tx, orgId, accounts, day)
  await noteMrr(tx, orgId, day, paid)
  if (day === yesterday) await writeMrr(tx, { orgId, at }, accounts, paid)
  const last = accounts.length === PAGE ? accounts.at(-1)!.ban : null
  await noteProgress(tx, orgId, 'MRR', { until: last ? dayAfter(day, -1) : day, afterBan: last })
  return last !== null || day < yesterday
}

interface Paid extends MrrAtNight {
  isRated: boolean
}

/** What those of these accounts that were opened by then paid as a day ended. */
const paidOn = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly BillingAccountRow[],
  day: string,
): Promise<Paid[]> => {
  const ended = await endOf(tx, orgId, day)
  const bans = accounts.map(({ ban }) => ban)
  const plans = new Map((await accountPlansOn(tx, orgId, bans, day)).map((plan) => [plan.ban, plan.terms]))
  const held = Map.groupBy(await numbersAtEnd(tx, orgId, bans, day), ({ ban }) => ban)
  return accounts.flatMap((account) => {
    const { ban, currency, createdAt, closedAt } = account
    const status = stoodAt(account, ended)
    if (!status) return []
    const terms = status === 'CHURNED' ? undefined : plans.get(ban)
    const costs = (held.get(ban) ?? []).map(({ cost }) => cost)
    const mrr = terms ? sumOf([terms.monthlyFee, ...costs]) : account.mrr
    return [{ ban, status, currency, mrr, isRated: terms !== undefined, openedAt: createdAt, closedAt }]
  })
}

const writeMrr = async (
  tx: Transaction,
  { orgId, at }: { orgId: string; at: Date },
  accounts: readonly BillingAccountRow[],
  paid: readonly Paid[],
): Promise<void> => {
  const rated = paid.filter(({ isRated }) => isRated).map(({ ban, mrr }) => ({ ban, mrr }))
  const changed = await setMrr(tx, orgId, rated, at)
  const old = new Map(accounts.map((account) => [account.ban, account.mrr]))
  await auditAll(
    tx,
    changed.map(({ ban, mrr }) => ({
      ...{ orgId, principal: CLOCK, action: 'keepMrr', at, subject: { type: 'BillingAccount', id: ban } },
      ...{ before: { mrr: old.get(ban) }, after: { mrr } },
    })),
  )
  await publish(
    tx,
    orgId,
    changed.map((account) => accountChanged(account, at)),
    at,
  )
}
