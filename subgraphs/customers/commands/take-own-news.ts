import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import type { ChangeRecords } from '../context.ts'
import { connectionsOfContacts } from '../store/assignment-rules.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'
import { assignContacts, assigns } from './assign-contacts.ts'
import { followUp } from './follow-up.ts'
import { matchRfqs, type RfqNews } from './match-rfqs.ts'
import { openDealsOf, opensDeals } from './open-lead-deals.ts'
import { sayJudgements } from './say-judgements.ts'
import { logWaitingAdvice } from './take-recommendations.ts'

/** Our own events after which the hub does something by itself. */
export const OWN_NEWS = [
  'customers.company.changed',
  'customers.contact.changed',
  'customers.deal.changed',
  'customers.identity.changed',
  // Told when a run has ended, and when somebody has changed how a connection is kept in step.
  'customers.integration.changed',
] as const

/**
 * Does what the hub does by itself when records come in or change: lets companies that came to another customer say what is thought of that
 * one, links requests for prices to deals, notes what was decided for requests of
 * customers whom it has only met by now, and where it is switched on gives
 * contacts to colleagues, opens deals for promising leads, and makes tasks to follow up after a sync. Safe to repeat; a batch takes the
 * same number of statements, however many records it is about.
 */
export const takeOwnNews =
  (changeRecords: ChangeRecords, now: () => Date) =>
  async (raw: object, orgId: string, events: readonly LoggedEvent[]): Promise<void> => {
    const tx = asTransaction(raw)
    const at = now()
    await sayJudgements(tx, changeRecords, { orgId, at }, cameToCompanies(events))
    const portals = await integrationsOf(tx, orgId)
    const news = rfqNews(events, portals)
    const integrationIds = portals.map(({ id }) => id)
    // First: whoever has a record waits for nobody who decides which requests belong to it.
    if (news) await matchRfqs(tx, changeRecords, { orgId, integrationIds, news, at })
    if (events.some(({ name }) => name === 'customers.identity.changed'))
      await logWaitingAdvice(tx, changeRecords, { orgId, at })
    if (portals.some(assigns)) {
      const ids = told(events, 'customers.contact.changed').map(({ contactId }) => contactId)
      const byPortal = await connectionsOfContacts(tx, orgId, [...new Set(ids)].filter(isId))
      for (const portal of portals)
        await assignContacts(tx, changeRecords, { portal, ids: byPortal.get(portal.id) ?? [], at })
    }
    const looked = new Set(
      told(events, 'customers.integration.changed').map(({ integrationId }) => integrationId),
    )
    for (const portal of portals.filter(({ id }) => looked.has(id)))
      await followUp(tx, changeRecords, portal, at)
    if (portals.some(opensDeals)) {
      const companies = Map.groupBy(
        told(events, 'customers.company.changed').filter(({ deleted }) => !deleted),
        ({ integrationId }) => integrationId,
      )
      for (const portal of portals) {
        const ids = [...new Set(companies.get(portal.id)?.map(({ companyId }) => companyId))].filter(isId)
        if (ids.length > 0) await openDealsOf(tx, changeRecords, { portal, ids, at })
      }
    }
  }

/** The customers to which companies came that were others' before. */
const cameToCompanies = (events: readonly LoggedEvent[]): string[] => {
  const came = told(events, 'customers.identity.changed').filter(({ accounts, was }) => {
    const had = new Set(was?.flatMap((one) => (one.system === 'HUBSPOT' ? one.accountId : [])))
    return was && accounts.some((one) => one.system === 'HUBSPOT' && !had.has(one.accountId))
  })
  return [...new Set(came.map(({ customerId }) => customerId))].filter(isId)
}

/** What of it may link requests for prices to deals; undefined when nothing may. */
const rfqNews = (events: readonly LoggedEvent[], portals: readonly IntegrationRow[]): RfqNews | undefined => {
  const deals = told(events, 'customers.deal.changed')
  const links = portals.some((portal) => portal.auto_link_rfqs && !portal.disconnected_at)
  const all = links && events.some(({ name }) => name === 'customers.integration.changed')
  const moved = told(events, 'customers.identity.changed').map(({ customerId }) => customerId)
  const customerIds = links ? [...moved, ...deals.flatMap(({ customerId }) => customerId ?? [])] : []
  const dealIds = deals.map(({ dealId }) => dealId)
  return all || dealIds.length + customerIds.length > 0 ? { dealIds, customerIds, all } : undefined
}

const told = <N extends (typeof OWN_NEWS)[number]>(events: readonly LoggedEvent[], name: N) =>
  events.filter((each) => each.name === name).map((each) => readEvent(name, each.version, each.payload))
