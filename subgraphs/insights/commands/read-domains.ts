import { type EventName, type EventPayload, readEvent } from '#schema/events.ts'
import { type AccountDomain, plainDomain } from '../domain/domains.ts'

type Reader<N extends EventName> = (payload: EventPayload<N>) => AccountDomain

const domainOf = (said: { domain: string | null; deleted?: boolean }): string | null =>
  said.deleted || said.domain === null ? null : plainDomain(said.domain) || null

const readers = {
  'customers.company.changed': (e) => ({
    ...{ accountSystem: 'HUBSPOT', accountId: e.companyId, domain: domainOf(e) },
  }),
  'inventory.account.changed': (e) => ({
    ...{ accountSystem: 'C3', accountId: e.accountId, domain: domainOf(e) },
  }),
  'telephony.account.changed': (e) => ({
    ...{ accountSystem: 'WARP', accountId: e.ban, domain: domainOf(e) },
  }),
} satisfies { [N in EventName]?: Reader<N> }

/** Events that say which web domain an account has. */
export const domainEvents = Object.keys(readers) as (keyof typeof readers)[]

/** Reads an event as the web domain of an account; most say none. @throws ZodError when the payload is not what the catalogue promises */
export const readDomain = (event: { name: string; version: number; payload: unknown }): AccountDomain[] => {
  if (!Object.hasOwn(readers, event.name)) return []
  const name = event.name as keyof typeof readers
  const read = readers[name] as (payload: unknown) => AccountDomain
  return [read(readEvent(name, event.version, event.payload))]
}
