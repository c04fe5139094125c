/**
 * Every event that crosses from one subgraph to another: name, version, payload.
 *
 * event     what a subgraph tells the others, after it happened
 * key       events of one key arrive in order; keys are independent of each other
 * state     payloads carry the state after the change, so that a repeated or skipped event does no harm
 * upcaster  turns a payload of an older version into the next; recorded payloads of every version are replayed in tests
 *
 * Payloads grow by adding optional fields. Anything else is a new version with an upcaster. People's names, e-mail
 * addresses and telephone numbers do not belong in events.
 */
import type { z } from 'zod'
import { customersEvents } from './events/customers.ts'
import { hubEvents } from './events/hub.ts'
import { insightsEvents } from './events/insights.ts'
import { inventoryEvents } from './events/inventory.ts'
import { telephonyEvents } from './events/telephony.ts'

export { type EngineConflict, toldConflict, toldEnd } from './events/payloads/conflict.ts'
export type { ProfileFields } from './events/payloads/profile.ts'
export { dueBy, SEVERITIES, type Severity } from './events/payloads/severity.ts'
export { type EngineRun, runFromEvent, type SyncRun, shownRun, toldRun } from './events/payloads/sync-run.ts'
export {
  allows,
  DIRECTIONS,
  type Direction,
  EVERY_TYPE,
  everyMs,
  FREQUENCIES,
  type Frequency,
  flawInKeeping,
  isPaused,
  type KeepingFlaw,
  type Pause,
} from './keeping.ts'
export { PARTNER_EVENTS, type PartnerData, type PartnerEventName, partnerEvents } from './partner-events.ts'
// What the sealed part of a number's events says, for who may open it.
export type { SaidAddress, SaidNumber } from './phone-number.ts'

/** Newest version of every event. */
export const catalogue = {
  ...customersEvents,
  ...inventoryEvents,
  ...telephonyEvents,
  ...insightsEvents,
  ...hubEvents,
} as const

export type EventName = keyof typeof catalogue
export type EventPayload<N extends EventName> = z.infer<(typeof catalogue)[N]['payload']>

/** From (name, version) to the payload of version + 1. */
const upcasters: Record<string, (payload: unknown) => unknown> = {
  'inventory.rfq.changed@1': (payload) => ({ number: null, c3RfqId: null, ...(payload as object) }),
}

/** A checked event, ready for the outbox. @throws ZodError when the payload is not what the catalogue promises */
export const event = <N extends EventName>(name: N, key: string, payload: EventPayload<N>) => ({
  name,
  version: catalogue[name].version,
  key,
  payload: catalogue[name].payload.parse(payload) as EventPayload<N>,
})

/**
 * Reads a payload of any version as its newest one.
 * @throws ZodError when it does not fit; Error when the name is unknown or the version is newer than this code
 */
export const readEvent = <N extends EventName>(
  name: N,
  version: number,
  payload: unknown,
): EventPayload<N> => {
  const known = catalogue[name]
  if (!known) throw new Error(`unknown event ${name}`)
  if (version > known.version) throw new Error(`${name} version ${version} is newer than this code`)
  let current = payload
  for (let from = version; from < known.version; from++) {
    const up = upcasters[`${name}@${from}`]
    if (!up) throw new Error(`${name} has no upcaster from version ${from}`)
    current = up(current)
  }
  return known.payload.parse(current) as EventPayload<N>
}

/**
 * Whose each account of a system is, as a batch of `customers.identity.changed` in its order says: the last word about an
 * account holds.
 */
export const customersOfAccounts = (
  system: EventPayload<'customers.identity.changed'>['accounts'][number]['system'],
  events: readonly { version: number; payload: unknown }[],
): { accountId: string; customerId: string; identityVersion: number }[] => {
  const told = events.map((one) => readEvent('customers.identity.changed', one.version, one.payload))
  const assigned = told.flatMap(({ accounts, customerId, identityVersion }) =>
    accounts
      .filter((account) => account.system === system)
      .map(({ accountId }) => ({ accountId, customerId, identityVersion })),
  )
  return [...new Map(assigned.map((entry) => [entry.accountId, entry])).values()]
}
