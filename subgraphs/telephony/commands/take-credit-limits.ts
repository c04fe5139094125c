import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { type AuditEntry, auditAll } from '#service/audit.ts'
import {
  type CompanyTold,
  type CompanyWord,
  hearCompany,
  isEcho,
  rememberLimit,
} from '../domain/said-limit.ts'
import { customersWithSeveral, giveWords, keepWords, lockWords, waitingWords } from '../store/credit.ts'
import { estatesOf, lockEstates } from '../store/estates.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Keeping, keepEstates } from './keep-estates.ts'

const ACTION = 'takeCreditLimit'
type Hearing = Omit<Keeping, 'action'>

/**
 * Takes the credit limits that HubSpot's companies say, for the accounts they speak for; trunks follow. However often it is told, each
 * word counts once, and of several the one that was told last. What nobody can be given is written down, once, with the reason.
 */
export const takeCreditLimits = async (
  tx: Transaction,
  hearing: Hearing,
  events: readonly LoggedEvent[],
): Promise<void> => {
  if (events.length === 0) return
  const { orgId } = hearing
  await lockEstates(tx, orgId)
  const told = events.map(companyIn)
  const ids = [...new Set(told.map(({ companyId }) => companyId))]
  const held = new Map((await lockWords(tx, orgId, ids)).map((word) => [word.companyId, word]))
  const heard = new Map(held)
  for (const each of told) heard.set(each.companyId, hearCompany(heard.get(each.companyId), each))
  const words = [...heard.values()]
  await keepWords(tx, orgId, words)
  const news = words.filter(({ companyId, saidPos }) => saidPos !== held.get(companyId)?.saidPos)
  const refused = news.filter((word) => word.refused !== null)
  const moved = words.filter(({ givenTo, amount }) => givenTo === null && amount !== null)
  await settleCredit(tx, hearing, {
    bans: moved.flatMap(({ ban }) => ban ?? []),
    customerIds: moved.flatMap(({ ban, customerId }) => (ban === null ? [customerId] : [])),
  })
  const unnamed = news.filter(({ ban, amount }) => ban === null && amount !== null)
  const several = await customersWithSeveral(
    tx,
    orgId,
    unnamed.map(({ customerId }) => customerId),
  )
  await auditAll(tx, [
    ...refused.map((word) => notTaken(hearing, subjectOf(word), { notTaken: word.refused })),
    ...unnamed.flatMap(({ customerId, amount, currency }) =>
      several.has(customerId)
        ? notTaken(
            hearing,
            { type: 'Customer', id: customerId },
            { notTaken: 'SEVERAL_ACCOUNTS', accounts: several.get(customerId), amount, currency },
          )
        : [],
    ),
  ])
}

/**
 * Gives accounts the limits that wait for them: those that are named, and those of these customers. A constant number of statements. Of
 * what is in another currency than the account it is written down that nobody was given it.
 */
export const settleCredit = async (
  tx: Transaction,
  hearing: Hearing,
  whose: { bans: readonly string[]; customerIds: readonly string[] },
): Promise<void> => {
  const { orgId } = hearing
  if (whose.bans.length === 0 && whose.customerIds.length === 0) return
  await lockEstates(tx, orgId)
  const waiting = await waitingWords(tx, orgId, whose)
  if (waiting.length === 0) return
  await giveWords(tx, orgId, waiting)
  const byBan = Map.groupBy(waiting, ({ ban }) => ban)
  const estates = (await estatesOf(tx, orgId, [...byBan.keys()])).map((estate) => {
    const { ban, currency } = estate.account
    const words = byBan.get(ban) ?? []
    return {
      estate,
      word: words.find((word) => word.currency === currency),
      foreign: words.filter((word) => word.currency !== currency),
    }
  })
  await keepEstates(
    tx,
    { ...hearing, action: ACTION },
    estates.flatMap(({ estate, word }) => {
      const { account } = estate
      const isSame = account.hasCreditLimit && account.creditLimit === word?.amount
      if (!word || isSame || isEcho(word, account.creditLimitsSet)) return []
      const creditLimitsSet = rememberLimit(account.creditLimitsSet, word.amount)
      const after = { ...account, creditLimit: word.amount, hasCreditLimit: true, creditLimitsSet }
      return [{ before: estate, after: { ...estate, account: after } }]
    }),
  )
  await auditAll(
    tx,
    estates.flatMap(({ foreign }) =>
      foreign.map(({ ban, amount, currency }) =>
        notTaken(
          hearing,
          { type: 'BillingAccount', id: ban },
          { notTaken: 'OTHER_CURRENCY', amount, currency },
        ),
      ),
    ),
  )
}

const subjectOf = ({ ban, customerId }: CompanyWord) =>
  ban === null ? { type: 'Customer', id: customerId } : { type: 'BillingAccount', id: ban }

const notTaken = (
  { orgId, principal, clock }: Hearing,
  subject: { type: string; id: string },
  after: Record<string, unknown>,
): AuditEntry => ({ orgId, principal, action: ACTION, at: clock.now(), subject, after })

const companyIn = ({ pos, version, payload }: LoggedEvent): CompanyTold => {
  const told = readEvent('customers.company.changed', version, payload)
  const { companyId, customerId, creditLimit: limit, deleted: isGone, changedHere } = told
  return { companyId, customerId, ban: told.ban || null, limit, isGone, changedHere, pos }
}
