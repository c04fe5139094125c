import { type EngineRun, type EventPayload, event, type SyncRun, shownRun, toldRun } from '#schema/events.ts'
import { type KeptField, SHOWN_AS } from './golden.ts'

/** Who a customer is: all its accounts after a change. */
export interface ToldIdentity {
  customerId: string
  identityVersion: number
  mergedInto: string | null
  accounts: { system: 'HUBSPOT' | 'C3' | 'WARP'; accountId: string; integrationId: string | null }[]
  /** The accounts it was told to have before; absent when it is told as it stands. */
  was?: { system: 'HUBSPOT' | 'C3' | 'WARP'; accountId: string }[]
}

/** Who a customer is, of its row and those of its accounts; `was`: the accounts it had before, each as its system and id. */
export const toldIdentity = (
  row: { id: string; identity_version: number; merged_into: string | null; was?: readonly string[] },
  accounts: readonly {
    system: ToldIdentity['accounts'][number]['system']
    account_id: string
    integration_id: string | null
  }[],
): ToldIdentity => ({
  customerId: row.id,
  identityVersion: row.identity_version,
  mergedInto: row.merged_into,
  accounts: accounts.map(({ system, account_id, integration_id }) => ({
    system,
    accountId: account_id,
    integrationId: integration_id,
  })),
  ...(row.was ? { was: row.was.map(namedAccount) } : {}),
})

const namedAccount = (name: string): NonNullable<ToldIdentity['was']>[number] => {
  const end = name.indexOf(' ')
  return {
    system: name.slice(0, end) as ToldIdentity['accounts'][number]['system'],
    accountId: name.slice(end + 1),
  }
}

/** Tells others who a customer is now. */
export const identityChanged = (state: ToldIdentity) =>
  event('customers.identity.changed', state.customerId, state)

/** Tells others that other values stand for a customer. */
export const customerChanged = ({ id, fields }: { id: string; fields: readonly KeptField[] }, at: Date) =>
  event('customers.customer.changed', id, {
    customerId: id,
    changed: fields.map((field) => SHOWN_AS[field]),
    observedAt: at.toISOString(),
  })

/** A connection as it is told. */
export interface ToldIntegration {
  id: string
  name: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  last_sync_at: Date | null
  disconnected_at: Date | null
}

/** Tells others what a connection is and whether it works, or that it was ended. */
export const integrationChanged = (row: ToldIntegration) =>
  event('customers.integration.changed', row.id, {
    integrationId: row.id,
    name: row.name,
    system: 'HUBSPOT',
    status: row.status,
    lastSyncAt: row.last_sync_at?.toISOString() ?? null,
    ...(row.disconnected_at ? { removed: true } : {}),
  })

/** Tells others, once, that a connection can do nothing until somebody connects it again. */
export const needsReauth = (row: Pick<ToldIntegration, 'id'>, reason: string, at: Date) =>
  event('customers.integration.needs_reauth', row.id, {
    integrationId: row.id,
    system: 'HUBSPOT',
    reason,
    at: at.toISOString(),
  })

/** Tells others how far a run is. */
export const runProgressed = (run: EngineRun) =>
  event('customers.sync.progressed', run.id, toldRun(run, 'HUBSPOT'))

/** A run as the graph shows it. */
export const hubSpotRun = (run: EngineRun): SyncRunRow => shownRun(run, 'HUBSPOT')
export type SyncRunRow = SyncRun

/** Tells others of a trouble that somebody has to look at. */
export const alertRaised = (alert: EventPayload<'customers.alert.raised'>) =>
  event('customers.alert.raised', alert.integrationId, alert)

/** Tells others that a person's record is no longer held, of which company and customer it was. */
export const contactGone = (
  contact: { contactId: string; companyId: string | null; customerId: string | null },
  at: Date,
) =>
  event('customers.contact.changed', contact.contactId, {
    ...contact,
    lastActivityAt: null,
    observedAt: at.toISOString(),
    deleted: true,
  })

/** What an onboarding waits for somebody else to provide. */
export interface ToldWaiting {
  onboardingId: string
  waitsFor: 'BILLING_ACCOUNT' | 'FIRST_TRUNK'
  customer: { id: string; name: string; domain: string | null }
  /** The account that is to get the trunk; null while there is none. */
  ban: string | null
}

/** Tells others that a customer who is being onboarded has no billing account, or no trunk, yet. */
export const onboardingWaiting = ({ onboardingId, waitsFor, customer, ban }: ToldWaiting, at: Date) =>
  event('customers.onboarding.waiting', onboardingId, {
    ...{ onboardingId, customerId: customer.id, waitsFor, name: customer.name, domain: customer.domain, ban },
    observedAt: at.toISOString(),
  })

/** Tells others that a person was erased, so that they forget what they hold about these contacts. */
export const personErased = (
  erasureId: string,
  contactIds: readonly string[],
  marks: EventPayload<'customers.person.erased'>['marks'],
) => event('customers.person.erased', erasureId, { erasureId, contactIds: [...contactIds], marks })

/** Tells others that the hub opened a ticket by itself. */
export const ticketRaised = (told: EventPayload<'customers.ticket.raised'>) =>
  event('customers.ticket.raised', told.ticketId, told)
