import type { LoggedEvent } from '#events/log.ts'
import { decimal } from '#kernel/money.ts'
import { readEvent } from '#schema/events.ts'
import { auditAll } from '#service/audit.ts'
import { hearLimit } from '../domain/said-limit.ts'
import { noteSaidLimits } from '../store/accounts.ts'
import {
  type CompanyCredit,
  customersWithSeveral,
  keepCompanyCredits,
  saidLimitsOf,
} from '../store/credit.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Keeping, keepEstates } from './keep-estates.ts'

const ACTION = 'takeCreditLimit'
type Hearing = Omit<Keeping, 'action'>

/**
 * Takes the credit limits that HubSpot's companies say, for the accounts they speak for; trunks follow. However often and in whatever order
 * it is told, what was observed last holds. What nobody can be given is written down, once, with the reason.
 */
export const takeCreditLimits = async (
  tx: Transaction,
  hearing: Hearing,
  events: readonly LoggedEvent[],
): Promise<void> => {
  if (events.length === 0) return
  const { orgId } = hearing
  const said = await keepCompanyCredits(tx, orgId, newest(events.map(creditIn)))
  const news = said.filter(({ amount }) => amount !== null)
  if (news.length === 0) return
  const customerIds = [...new Set(news.flatMap(({ ban, customerId }) => (ban === null ? [customerId] : [])))]
  const bans = [...new Set(news.flatMap(({ ban }) => ban ?? []))]
  const foreign = await settleCredit(tx, hearing, { bans, customerIds })
  const several = await customersWithSeveral(tx, orgId, customerIds)
  const at = hearing.clock.now()
  const entry = (subject: { type: string; id: string }, after: Record<string, unknown>) => ({
    ...{ orgId, principal: hearing.principal, action: ACTION, at, subject, after },
  })
  await auditAll(tx, [
    ...foreign.map(({ ban, amount, currency }) =>
      entry({ type: 'BillingAccount', id: ban }, { notTaken: 'OTHER_CURRENCY', amount, currency }),
    ),
    ...news
      .filter(({ ban, customerId }) => ban === null && several.has(customerId))
      .map(({ customerId, amount, currency }) =>
        entry(
          { type: 'Customer', id: customerId },
          { notTaken: 'SEVERAL_ACCOUNTS', accounts: several.get(customerId), amount, currency },
        ),
      ),
  ])
}

/**
 * Gives accounts the limits that HubSpot has for them: those that are named, and those of these customers. A constant number of statements.
 * @returns what was not taken, because it is in another currency than the account
 */
export const settleCredit = async (
  tx: Transaction,
  hearing: Hearing,
  whose: { bans: readonly string[]; customerIds: readonly string[] },
): Promise<{ ban: string; amount: string; currency: string }[]> => {
  const { orgId } = hearing
  if (whose.bans.length === 0 && whose.customerIds.length === 0) return []
  await lockEstates(tx, orgId)
  const limits = new Map((await saidLimitsOf(tx, orgId, whose)).map((limit) => [limit.ban, limit]))
  const estates = await estatesOf(tx, orgId, [...limits.keys()])
  const isForeign = ({ ban, currency }: { ban: string; currency: string }) =>
    limits.get(ban)?.currency !== currency
  const heard = estates.flatMap((estate) => {
    const { account } = estate
    const news = isForeign(account) ? null : hearLimit(account, limits.get(account.ban)!.amount)
    return news ? [{ estate, news }] : []
  })
  await noteSaidLimits(
    tx,
    orgId,
    heard.map(({ estate, news }) => ({ ban: estate.account.ban, said: news.said, set: news.set })),
  )
  await keepEstates(
    tx,
    { ...hearing, action: ACTION },
    heard.flatMap(({ estate, news }) => {
      if (news.limit === null) return []
      // What was said is noted already: of that nobody is told.
      const noted = { ...estate.account, creditLimitSaid: news.said, creditLimitsSet: news.set }
      const account = { ...noted, creditLimit: news.limit, hasCreditLimit: true }
      return [{ before: { ...estate, account: noted }, after: { ...estate, account } }]
    }),
  )
  return estates.filter(({ account }) => isForeign(account)).map(({ account }) => limits.get(account.ban)!)
}

const creditIn = ({ version, payload }: LoggedEvent): CompanyCredit => {
  const told = readEvent('customers.company.changed', version, payload)
  const limit = told.deleted ? null : told.creditLimit
  const amount = limit && decimal(limit.amount)
  return {
    companyId: told.companyId,
    customerId: told.customerId,
    ban: told.ban || null,
    // Nobody can owe less than nothing: then nothing sound is said.
    amount: amount === null || amount.startsWith('-') ? null : amount,
    currency: limit?.currency ?? null,
    observedAt: told.observedAt,
  }
}

/** The newest word of each company. */
const newest = (said: readonly CompanyCredit[]): CompanyCredit[] => {
  const found = new Map<string, CompanyCredit>()
  for (const each of said) {
    const held = found.get(each.companyId)
    if (!held || held.observedAt <= each.observedAt) found.set(each.companyId, each)
  }
  return [...found.values()]
}
