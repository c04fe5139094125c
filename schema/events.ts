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
import { z } from 'zod'
import { alert, anyAlert } from './alert.ts'
import { phoneNumber, trunk } from './asset.ts'
import { closedDeal } from './closed-deal.ts'
import { anyConflict, conflict, endedConflict } from './conflict.ts'
import { integration } from './integration.ts'
import { profile } from './profile.ts'
import { partRecommendation, recommendation } from './recommendation.ts'
import { stockAlert } from './stock-alert.ts'
import { syncRun } from './sync-run.ts'

export { type EngineConflict, toldConflict, toldEnd } from './conflict.ts'
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
export type { ProfileFields } from './profile.ts'
export { type EngineRun, runFromEvent, type SyncRun, shownRun, toldRun } from './sync-run.ts'

const id = z.string().min(1)
const at = z.iso.datetime()
const decimal = z.string().regex(/^-?\d+(\.\d+)?$/)
const money = z.object({ amount: decimal, currency: z.string().length(3) })
const system = z.enum(['HUBSPOT', 'C3', 'WARP'])

/** Newest version of every event. Keys: customer id unless said otherwise. */
export const catalogue = {
  /** A company's record appeared, changed or went (`deleted`). Key: the source record. */
  'customers.company.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      integrationId: id,
      companyId: id,
      name: z.string(),
      domain: z.string().nullable(),
      industry: z.string().nullable(),
      lifecycleStage: z.string().nullable(),
      ownerId: id.nullable(),
      annualRevenue: money.nullable(),
      creditLimit: money.nullable(),
      /** CUSTOMER, SUPPLIER, BOTH, PROSPECT or OTHER. */
      kind: z.string().optional(),
      /** Last sales activity HubSpot knows of. */
      lastActivityAt: at.nullable(),
      /** When HubSpot says that the record changed. */
      observedAt: at,
      changed: z.array(z.string()),
      deleted: z.boolean(),
    }),
  },
  /** A person's record. Key: the source record. */
  'customers.contact.changed': {
    version: 1,
    payload: z.object({
      contactId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      lastActivityAt: at.nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A person was erased: forget what is held about these contacts. Key: the erasure. */
  'customers.person.erased': {
    version: 1,
    payload: z.object({ erasureId: id, contactIds: z.array(id) }),
  },
  /**
   * A field that both sides changed waits for a person, or what a side says of it moved on meanwhile (`version`). Key: the conflict.
   */
  'customers.conflict.opened': { version: 1, payload: conflict },
  /** A conflict that was open has ended. Key: the conflict. */
  'customers.conflict.resolved': { version: 1, payload: endedConflict },
  /** The same of what C3 and the hub have both changed. Key: the conflict. */
  'inventory.conflict.opened': { version: 1, payload: conflict },
  'inventory.conflict.resolved': { version: 1, payload: endedConflict },
  /** A deal's record. `previousStage` differs from `stage` when it moved; null when the deal is new. Key: the source record. */
  'customers.deal.changed': {
    version: 1,
    payload: z.object({
      dealId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      pipeline: z.string(),
      stage: z.string(),
      previousStage: z.string().nullable(),
      /** What people call the two stages; null when the portal does not name them. */
      stageLabel: z.string().nullable().optional(),
      previousStageLabel: z.string().nullable().optional(),
      amount: money.nullable(),
      isOpen: z.boolean(),
      isWon: z.boolean().nullable(),
      createdAt: at,
      closeDate: at.nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A deal was closed, just now, and won. Key: the source record. */
  'customers.deal.won': { version: 1, payload: closedDeal },
  /** A deal was closed, just now, and lost. Key: the source record. */
  'customers.deal.lost': { version: 1, payload: closedDeal },
  /** A ticket's record. Key: the source record. */
  'customers.ticket.changed': {
    version: 1,
    payload: z.object({
      ticketId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      isOpen: z.boolean(),
      priority: z.string().nullable(),
      /** VOICE, MESSAGING, BILLING, TECHNICAL or OTHER. */
      category: z.string().optional(),
      /** The hub has not known it before. */
      isNew: z.boolean().optional(),
      createdAt: at,
      closedAt: at.nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A task's record, without what it says. Key: the source record. */
  'customers.task.changed': {
    version: 1,
    payload: z.object({
      taskId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      status: z.string(),
      isOpen: z.boolean(),
      priority: z.string().nullable(),
      dueAt: at,
      createdAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A note's record, without what it says. Key: the source record. */
  'customers.note.changed': {
    version: 1,
    payload: z.object({
      noteId: id,
      customerId: id.nullable(),
      companyId: id.nullable(),
      notedAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** Who is who: all accounts of one customer after the change. */
  'customers.identity.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      identityVersion: z.int(),
      mergedInto: id.nullable(),
      accounts: z.array(z.object({ system, accountId: id, integrationId: id.nullable() })),
    }),
  },
  /** A run moved on. Key: run id. */
  /** A change of many records came further. Key: the change. */
  'customers.bulk.progressed': {
    version: 1,
    payload: z.object({
      jobId: id,
      type: z.string(),
      operation: z.enum(['CREATE', 'UPDATE', 'DELETE']),
      state: z.enum(['QUEUED', 'RUNNING', 'COMPLETED']),
      total: z.int(),
      done: z.int(),
      written: z.int(),
      unchanged: z.int(),
      refused: z.int(),
    }),
  },
  'customers.sync.progressed': { version: 1, payload: syncRun },
  'inventory.sync.progressed': { version: 1, payload: syncRun },
  /** A connection was made or its status changed. Key: integration id. */
  'customers.integration.changed': { version: 1, payload: integration },
  'inventory.integration.changed': { version: 1, payload: integration },
  /** A connection's credentials are refused: nothing is sent until somebody connects it again. Told once. Key: integration id. */
  'customers.integration.needs_reauth': {
    version: 1,
    payload: z.object({ integrationId: id, system: z.enum(['HUBSPOT', 'C3']), reason: z.string(), at }),
  },
  /** Something failed three times and somebody has to look at it. Ids, codes and public sentences only. Key: integration id. */
  'customers.alert.raised': { version: 1, payload: alert },
  'inventory.alert.raised': { version: 1, payload: alert },
  /** A portal's properties of one kind of record changed. `total` counts what `changes` had no room for too. Key: integration id. */
  'customers.catalog.changed': {
    version: 1,
    payload: z.object({
      integrationId: id,
      objectType: z.string(),
      total: z.int(),
      changes: z.array(
        z.object({
          property: z.string(),
          change: z.enum([
            'ADDED',
            'ARCHIVED',
            'RESTORED',
            'RETYPED',
            'RELABELLED',
            'OPTION_ADDED',
            'OPTION_REMOVED',
            'OPTION_RENAMED',
          ]),
          was: z.string().nullable(),
          becomes: z.string().nullable(),
        }),
      ),
      observedAt: at,
    }),
  },
  /** Hub fields are mapped otherwise (`changed`), wait until a problem is mended, or go on. Key: integration id. */
  'customers.mapping.changed': {
    version: 1,
    payload: z.object({
      integrationId: id,
      objectType: z.string(),
      version: z.int(),
      changed: z.array(z.string()),
      paused: z.array(z.object({ field: z.string(), code: z.string(), property: z.string().nullable() })),
      resumed: z.array(z.string()),
      observedAt: at,
    }),
  },
  /** A C3 customer. Key: account id. */
  'inventory.account.changed': {
    version: 1,
    payload: z.object({
      accountId: id,
      integrationId: id,
      name: z.string(),
      domain: z.string().nullable(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A request for prices. Key: rfq id. */
  'inventory.rfq.changed': {
    version: 2,
    payload: z.object({
      rfqId: id,
      accountId: id,
      /** The number people quote, and C3's id; null when version 1 told of it, and when it is gone. */
      number: z.string().nullable(),
      c3RfqId: z.string().nullable(),
      status: z.enum(['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED']),
      previousStatus: z.enum(['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED']).nullable(),
      total: money.nullable(),
      createdAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** Something recommended about a part, a request for prices or a supplier, and what became of it. Key: the recommendation. */
  'inventory.recommendation.changed': { version: 1, payload: partRecommendation },
  /** A part has come to be scarce, or more of a stock row are reserved than lie there. Told once until it is well again. Key: component id. */
  'inventory.stock.alerted': { version: 1, payload: stockAlert },
  /** A billing account. Key: ban. */
  'telephony.account.changed': {
    version: 1,
    payload: z.object({
      ban: id,
      name: z.string(),
      domain: z.string().nullable(),
      status: z.enum(['ACTIVE', 'SUSPENDED', 'CHURNED']),
      tier: z.enum(['STARTER', 'GROWTH', 'ENTERPRISE']),
      mrr: money,
      creditLimit: money,
      paymentStatus: z.enum(['CURRENT', 'PAST_DUE', 'SUSPENDED']),
      contractEnd: z.iso.date().nullable(),
      createdAt: at,
      observedAt: at,
    }),
  },
  /** A trunk. Key: ban, so that an account's trunks arrive in order after the account. */
  'telephony.trunk.changed': { version: 1, payload: trunk },
  /** A telephone number, by id: what it is itself only the hub’s own processes can read. Key: ban. */
  'telephony.number.changed': { version: 1, payload: phoneNumber },
  /** A customer's health moved. */
  'insights.health.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      score: decimal.nullable(),
      previousScore: decimal.nullable(),
      confidence: decimal,
      asOf: at,
    }),
  },
  /** What is thought of a customer beyond its health. */
  'insights.profile.changed': { version: 1, payload: profile },
  /** Something that somebody should do for a customer, and what became of it. Nobody emits it yet. Key: customer id. */
  'insights.recommendation.changed': { version: 1, payload: recommendation },
  /** A run of any system moved on, as hub's read model has it now. Key: run id. */
  'hub.sync.progressed': { version: 1, payload: syncRun },
  /** A conflict with any system opened, moved on or ended. Key: the conflict. */
  'hub.conflict.changed': { version: 1, payload: anyConflict },
  /** Somebody has to look at something of any system. Key: integration id. */
  'hub.alert.raised': { version: 1, payload: anyAlert },
  /** An organisation, and in which time zone its days begin and end. Key: organisation id. */
  'hub.organisation.changed': {
    version: 1,
    payload: z.object({ organisationId: id, slug: z.string(), timeZone: z.string() }),
  },
  /** An API key was taken back. Key: key id. */
  'hub.key.revoked': { version: 1, payload: z.object({ keyId: id }) },
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
