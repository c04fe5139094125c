/**
 * What partners' webhooks are told, event by event: the promise to programs outside.
 *
 * event    what a webhook may want, as the graph's enum PartnerEvent names it
 * type     the same as the message itself says it, in the way of Standard Webhooks
 * message  `{ type, timestamp, data }`, signed; its id stays the same however often it is sent
 *
 * Data is ids and facts. Nobody's name, e-mail address, telephone number or address is in it: who may read those asks the graph by the id.
 * Fields are added; none is taken away or changes its meaning.
 */
import { z } from 'zod'
import { at, decimal, id, money } from './events/payloads/scalars.ts'
import { SEVERITIES } from './events/payloads/severity.ts'

const system = z.enum(['HUBSPOT', 'C3'])

const run = z.object({
  runId: id,
  system,
  integrationId: id,
  mode: z.enum(['FULL', 'INCREMENTAL', 'RECONCILE']),
  state: z.enum(['QUEUED', 'RUNNING', 'HELD', 'COMPLETED', 'FAILED', 'CANCELLED']),
  done: z.int(),
  total: z.int().nullable().describe('Null while it is not known.'),
  created: z.int(),
  updated: z.int(),
  deleted: z.int(),
  skipped: z.int(),
  failed: z.int(),
  conflicts: z.int(),
})

const conflict = z.object({
  conflictId: id,
  system,
  integrationId: id,
  recordType: z.string().describe('As the other system names it.'),
  recordId: id.describe('In the hub.'),
  field: z.string(),
  version: z.int(),
})

const alert = z.object({
  alertId: id,
  ban: id.describe('The billing account.'),
  trunkId: id.nullable().describe('Null when it is about the whole account.'),
  measure: z.enum(['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO']),
  severity: z.enum(SEVERITIES),
  value: decimal.describe('What was measured.'),
  bound: decimal.describe('What it must not reach; of an answer ratio, fall below.'),
  currency: z.string().nullable().describe('Of amounts of money.'),
  openedAt: at,
  closedAt: at.nullable().describe('Null while it is open.'),
})

const registration = z.enum(['PENDING', 'REGISTERED', 'REJECTED', 'EXPIRED'])

/** Every event: its type, what it means, what its data is, and to what part of the hub it belongs. */
export const partnerEvents = {
  SYNC_STARTED: { type: 'sync.started', says: 'A sync run began.', data: run },
  SYNC_PROGRESSED: { type: 'sync.progressed', says: 'A sync run came further, or holds.', data: run },
  SYNC_COMPLETED: { type: 'sync.completed', says: 'A sync run ended well.', data: run },
  SYNC_FAILED: { type: 'sync.failed', says: 'A sync run failed.', data: run },
  SYNC_CANCELLED: { type: 'sync.cancelled', says: 'Somebody ended a sync run.', data: run },
  CONFLICT_OPENED: {
    type: 'conflict.opened',
    says: 'A field that the hub and another system have both changed waits for a person.',
    data: conflict,
  },
  CONFLICT_RESOLVED: {
    type: 'conflict.resolved',
    says: 'A conflict ended.',
    data: conflict.extend({ outcome: z.enum(['HUBSPOT', 'C3', 'HUB', 'VALUE', 'AGREED', 'GONE']) }),
  },
  HEALTH_CHANGED: {
    type: 'health.changed',
    says: 'A customer’s health moved.',
    data: z.object({
      customerId: id,
      score: decimal.nullable().describe('0 to 100; null when too little is known.'),
      previousScore: decimal.nullable(),
      trend: z.enum(['RISING', 'STEADY', 'FALLING']).nullable(),
    }),
  },
  DEAL_STAGE_CHANGED: {
    type: 'deal.stage_changed',
    says: 'A deal moved to another stage.',
    data: z.object({
      dealId: id,
      customerId: id.nullable(),
      pipeline: z.string(),
      stage: z.string(),
      previousStage: z.string(),
      amount: money.nullable(),
      isOpen: z.boolean(),
      isWon: z.boolean().nullable().describe('Null while it is open.'),
    }),
  },
  THRESHOLD_ALERT_OPENED: {
    type: 'threshold.alert_opened',
    says: 'A measure of an account has left its bounds.',
    data: alert,
  },
  THRESHOLD_ALERT_CLOSED: {
    type: 'threshold.alert_closed',
    says: 'A measure is back within its bounds.',
    data: alert,
  },
  TICKET_AUTO_CREATED: {
    type: 'ticket.auto_created',
    says: 'The hub opened a ticket by itself, because something that is measured has left its bounds.',
    data: z.object({
      ticketId: id,
      customerId: id,
      trigger: z.string(),
      trunkId: z.string(),
      severity: z.string().nullable(),
    }),
  },
  TRUNK_CHANGED: {
    type: 'trunk.changed',
    says: 'A trunk was set up, changed, suspended or deleted.',
    data: z.object({
      trunkId: id,
      ban: id,
      status: z.enum(['PENDING', 'ACTIVE', 'SUSPENDED', 'DELETED']),
      concurrentCalls: z.int(),
      allowedCalls: z.int().nullable(),
      monthlyMinutes: z.int(),
    }),
  },
  NUMBER_CHANGED: {
    type: 'number.changed',
    says: 'A telephone number was bought, changed, moved or given back. Which number it is, the graph says to those who may know.',
    data: z.object({
      numberId: id,
      ban: id,
      trunkId: id.nullable(),
      kind: z.enum(['LOCAL', 'TOLLFREE', 'MOBILE']),
      status: z.enum(['PORTING_IN', 'ACTIVE', 'PORTING_OUT', 'PORTED_OUT', 'RELEASED']).nullable(),
    }),
  },
  E911_CHANGED: {
    type: 'e911.changed',
    says: 'What emergency services know of a number’s place changed.',
    data: z.object({
      numberId: id,
      ban: id,
      status: z.enum(['NONE', 'PENDING', 'REGISTERED', 'REJECTED']),
    }),
  },
  PORT_CHANGED: {
    type: 'port.changed',
    says: 'An order to move numbers from or to another carrier came further.',
    data: z.object({
      portId: id,
      ban: id,
      direction: z.enum(['IN', 'OUT']),
      status: z.enum(['DRAFT', 'SUBMITTED', 'CONFIRMED', 'REJECTED', 'CANCELLED', 'COMPLETED']),
      numberIds: z.array(id),
      agreedOn: z.iso.date().nullable(),
    }),
  },
  MESSAGING_BRAND_CHANGED: {
    type: 'messaging.brand_changed',
    says: 'Who sends messages changed at The Campaign Registry (10DLC).',
    data: z.object({ brandId: id, ban: id, status: registration }),
  },
  MESSAGING_CAMPAIGN_CHANGED: {
    type: 'messaging.campaign_changed',
    says: 'What messages are sent for changed at The Campaign Registry (10DLC).',
    data: z.object({ campaignId: id, brandId: id, ban: id, useCase: z.string(), status: registration }),
  },
  WEBHOOK_TEST: {
    type: 'webhook.test',
    says: 'Somebody asked for an event, to see that events arrive.',
    data: z.object({ webhookId: id }),
  },
} as const satisfies Record<string, { type: string; says: string; data: z.ZodType }>

export type PartnerEventName = keyof typeof partnerEvents
export type PartnerData<N extends PartnerEventName> = z.infer<(typeof partnerEvents)[N]['data']>

export const PARTNER_EVENTS = Object.keys(partnerEvents) as PartnerEventName[]

/** The event that messages of a type tell of; undefined when there is none. */
export const partnerEventOf = (type: string): PartnerEventName | undefined =>
  PARTNER_EVENTS.find((name) => partnerEvents[name].type === type)

/** What every message of an event is, as JSON Schema 2020-12. */
export const schemaOfPartnerEvent = (name: PartnerEventName): object => {
  const { type, says, data } = partnerEvents[name]
  return z.toJSONSchema(
    z
      .object({
        type: z.literal(type),
        timestamp: z.iso.datetime().describe('When it happened.'),
        data,
      })
      .meta({ title: type, description: says }),
    // What comes later may have fields that are not known yet.
    { io: 'input' },
  )
}
