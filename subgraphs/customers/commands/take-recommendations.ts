import type { LoggedEvent } from '#events/log.ts'
import { idFrom, isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { adviceOf } from '../domain/advice.ts'
import { companiesById, companiesOfCustomers } from '../store/companies.ts'
import { customersById } from '../store/customers.ts'
import { integrationsOf } from '../store/integrations.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { type Activity, makeActivities } from './make-activities.ts'

/**
 * Takes what insights recommends to the HubSpot company of each customer: a task for whoever looks after it, where somebody has to act
 * and that is switched on, a note of the recommendation, and a note of what came of it. Each is made once, however often it is told.
 */
export const takeRecommendations =
  (changeRecords: ChangeRecords, now: () => Date) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const tx = asTransaction(raw)
    const told = events
      .map((each) => readEvent('insights.recommendation.changed', each.version, each.payload))
      .filter(({ customerId }) => isId(customerId))
    const companies = await advisedCompanies(tx, orgId, [
      ...new Set(told.map(({ customerId }) => customerId)),
    ])
    const portals = await integrationsOf(tx, orgId, [
      ...new Set([...companies.values()].map((one) => one.integration_id)),
    ])
    const at = now()
    for (const portal of portals) {
      const tasks: Activity[] = []
      const notes: Activity[] = []
      for (const each of told) {
        const company = companies.get(each.customerId)
        if (company?.integration_id !== portal.id) continue
        const named = (what: string) =>
          idFrom(orgId, portal.id, 'recommendation', what, each.recommendationId)
        const owner = company.properties.hubspot_owner_id ?? null
        const { task, note, outcome } = adviceOf({ externalId: company.external_id, owner }, each)
        if (task && portal.auto_create_tasks) tasks.push({ localId: named('task'), values: task })
        notes.push({ localId: named('note'), values: note })
        if (outcome) notes.push({ localId: named('outcome'), values: outcome })
      }
      await makeActivities(tx, changeRecords, { portal, type: 'tasks', at }, tasks)
      await makeActivities(tx, changeRecords, { portal, type: 'notes', at }, notes)
    }
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
