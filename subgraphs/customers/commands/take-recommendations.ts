import type { LoggedEvent } from '#events/log.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { adviceOf, partAdvice, type Recommendation } from '../domain/advice.ts'
import { companiesById, companiesOfCustomers } from '../store/companies.ts'
import { customersById } from '../store/customers.ts'
import { accountStates } from '../store/identities.ts'
import { integrationsOf } from '../store/integrations.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { keepWaiting, takeReady } from '../store/waiting-advice.ts'
import { type Activity, makeActivities } from './make-activities.ts'

/** What is to be known of a customer: a recommendation, by its id, as far as it becomes tasks and notes. */
type Told = Recommendation & { recommendationId: string; customerId: string }

/**
 * Takes what insights recommends to the HubSpot company of each customer: a task for whoever looks after it, where somebody has to act
 * and that is switched on, a note of the recommendation, and a note of what came of it. Each is made once, however often it is told.
 */
export const takeRecommendations =
  (changeRecords: ChangeRecords, now: () => Date) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const told = events.map((each) =>
      readEvent('insights.recommendation.changed', each.version, each.payload),
    )
    await logAdvice(asTransaction(raw), changeRecords, { orgId, at: now() }, told)
  }

export const PART_ADVICE = 'inventory.recommendation.changed'

/**
 * Takes what is recommended for customers' requests for prices, once somebody has decided on it: a note of it, and a note of what was
 * quoted, sold or lost. What nobody has looked at would drown the others. What is about a request of somebody whom the hub has not met, or who
 * is not in HubSpot, is kept until they are. A batch takes the same number of statements.
 */
export const takePartAdvice = async (
  raw: object,
  changeRecords: ChangeRecords,
  orgId: string,
  events: readonly LoggedEvent[],
  at: Date,
): Promise<void> => {
  const tx = asTransaction(raw)
  const decided = events
    .filter(({ name }) => name === PART_ADVICE)
    .map((each) => readEvent(PART_ADVICE, each.version, each.payload))
    .flatMap((payload) => {
      const advice = partAdvice(payload)
      return advice && payload.accountId ? [{ ...advice, accountId: payload.accountId }] : []
    })
  if (decided.length === 0) return
  const accounts = await accountStates(tx, orgId, 'C3', [
    ...new Set(decided.map(({ accountId }) => accountId)),
  ])
  const told = decided.flatMap((advice) => {
    const customerId = accounts.get(advice.accountId)?.customerId
    return customerId ? [{ ...advice, customerId }] : []
  })
  const placed = await logAdvice(tx, changeRecords, { orgId, at }, told)
  await keepWaiting(
    tx,
    orgId,
    decided.filter(({ recommendationId }) => !placed.has(recommendationId)),
  )
}

/** At once, so that whoever meets many of them at once does not hold all of their records. */
const MOST_AT_ONCE = 500

/** Notes what was decided for requests of those who have come to be known, or to HubSpot, since. Safe to repeat. */
export const logWaitingAdvice = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { orgId, at }: { orgId: string; at: Date },
): Promise<void> => {
  const ready = await takeReady(tx, orgId, MOST_AT_ONCE)
  if (ready.length > 0) await logAdvice(tx, changeRecords, { orgId, at }, ready)
}

/**
 * Makes the tasks and notes of what is recommended, in the portal of each customer's company.
 * @returns ids of those whose customer has one
 */
const logAdvice = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { orgId, at }: { orgId: string; at: Date },
  all: readonly Told[],
): Promise<Set<string>> => {
  const told = all.filter(({ customerId }) => isId(customerId))
  const companies = await advisedCompanies(tx, orgId, [...new Set(told.map(({ customerId }) => customerId))])
  const portals = await integrationsOf(tx, orgId, [
    ...new Set([...companies.values()].map((one) => one.integration_id)),
  ])
  for (const portal of portals) {
    const tasks: Activity[] = []
    const notes: Activity[] = []
    for (const each of told) {
      const company = companies.get(each.customerId)
      if (company?.integration_id !== portal.id) continue
      const named = (what: string) => idFrom(orgId, portal.id, 'recommendation', what, each.recommendationId)
      const owner = company.properties.hubspot_owner_id ?? null
      const { task, note, outcome } = adviceOf({ externalId: company.external_id, owner }, each)
      if (task && portal.auto_create_tasks) tasks.push({ localId: named('task'), values: task })
      notes.push({ localId: named('note'), values: note })
      if (outcome) notes.push({ localId: named('outcome'), values: outcome })
    }
    await makeActivities(tx, changeRecords, { portal, type: 'tasks', at }, tasks)
    await makeActivities(tx, changeRecords, { portal, type: 'notes', at }, notes)
  }
  const placed = told.filter(({ customerId }) => companies.has(customerId))
  return new Set(placed.map(({ recommendationId }) => recommendationId))
}

/** The company that each customer is led by, else its first. */
const advisedCompanies = async (tx: Transaction, orgId: string, customerIds: readonly string[]) => {
  const customers = await customersById(tx, orgId, customerIds)
  const living = [...new Set([...customers.values()].map(({ id }) => id))]
  const byCustomer = Map.groupBy(
    await companiesOfCustomers(tx, orgId, living, null),
    (one) => one.customer_id,
  )
  const chosen = new Map(
    [...customers].flatMap(([asked, customer]) => {
      const all = byCustomer.get(customer.id) ?? []
      const one = all.find(({ id }) => id === customer.lead_company_id) ?? all[0]
      return one ? [[asked, one.id] as const] : []
    }),
  )
  const rows = await companiesById(tx, orgId, [...new Set(chosen.values())])
  return new Map(
    [...chosen].flatMap(([asked, id]) => (rows.has(id) ? [[asked, rows.get(id)!] as const] : [])),
  )
}
