/**
 * What others outside learn of what the hub's parts tell each other.
 *
 * change   a record is otherwise than it was, or gone
 * message  what partners' webhooks are told
 * mark     what is kept of a record to tell the next time whether it came further, such as a run's state
 */
import {
  catalogue,
  type EventName,
  type EventPayload,
  type PartnerData,
  type PartnerEventName,
  partnerEvents,
  readEvent,
} from '#schema/events.ts'
import type { ChangedType } from './changed-types.ts'

/** An event of a sibling, with the sibling's name. */
export interface HeardEvent {
  source: string
  pos: number
  key: string
  name: string
  version: number
  payload: unknown
  occurredAt: Date
}

export interface RecordChange {
  type: ChangedType
  id: string
  isDeleted: boolean
  at: Date
  mark: string | null
}

export interface Message {
  id: string
  event: PartnerEventName
  /** Messages of one key are told in their order. */
  key: string
  at: Date
  data: object
}

/** A record that a mark belongs to, as one text. */
export const recordKey = (type: ChangedType, id: string): string => `${type} ${id}`

interface Meaning {
  /** The records that changed; the first is the one that marks and messages are about. */
  records: readonly { type: ChangedType; id: string; isDeleted?: boolean }[]
  mark?: string | null
  /** `part` tells apart what one event tells twice. */
  tells?: readonly Telling[]
  /** What its messages are in the order of; left out: the first record. */
  about?: string
}
type Telling = {
  [N in PartnerEventName]: { event: N; data: PartnerData<N>; part?: string }
}[PartnerEventName]

type Readings = { [N in EventName]?: (told: EventPayload<N>, was: string | null | undefined) => Meaning }

const one = (type: ChangedType, id: string, isDeleted = false): Meaning['records'] => [
  { type, id, isDeleted },
]
const withCustomer = (records: Meaning['records'], customerId: string | null): Meaning => ({
  records: customerId ? [...records, { type: 'CUSTOMER', id: customerId }] : records,
})

const RUN_ENDS = { COMPLETED: 'SYNC_COMPLETED', FAILED: 'SYNC_FAILED', CANCELLED: 'SYNC_CANCELLED' } as const

const run = (told: EventPayload<'customers.sync.progressed'>, was: string | null | undefined): Meaning => {
  const { id: runId, system, integrationId, mode, state, done, total, ...counts } = told
  const { created, updated, deleted, skipped, failed, conflicts } = counts
  const data = {
    ...{ runId, system, integrationId, mode, state, done, total },
    ...{ created, updated, deleted, skipped, failed, conflicts },
  }
  const records = one('SYNC_RUN', runId)
  const hasEnded = was !== undefined && was !== null && was in RUN_ENDS
  if (state === 'QUEUED' || hasEnded) return { records, mark: hasEnded ? was : state }
  const isFirst = was === undefined || was === null || was === 'QUEUED'
  const event =
    state === 'RUNNING' || state === 'HELD'
      ? isFirst
        ? ('SYNC_STARTED' as const)
        : ('SYNC_PROGRESSED' as const)
      : RUN_ENDS[state]
  return { records, mark: state, tells: [{ event, data }] }
}

const conflictOf = (told: EventPayload<'customers.conflict.opened'>) => {
  const { conflictId, system, integrationId, type: recordType, recordId, field, version } = told
  return { conflictId, system, integrationId, recordType, recordId, field, version }
}
const opened = (
  told: EventPayload<'customers.conflict.opened'>,
  was: string | null | undefined,
): Meaning => ({
  records: one('CONFLICT', told.conflictId),
  mark: 'OPEN',
  // Told again when a side moves on: that is no other conflict.
  tells: was === 'OPEN' ? [] : [{ event: 'CONFLICT_OPENED', data: conflictOf(told) }],
})
const resolved = (told: EventPayload<'customers.conflict.resolved'>): Meaning => ({
  records: one('CONFLICT', told.conflictId),
  mark: 'RESOLVED',
  tells: [{ event: 'CONFLICT_RESOLVED', data: { ...conflictOf(told), outcome: told.outcome } }],
})

const alerted = (
  event: 'THRESHOLD_ALERT_OPENED' | 'THRESHOLD_ALERT_CLOSED',
  told: EventPayload<'telephony.alert.opened'>,
): Meaning => {
  const { alertId, ban, trunkId, measure, severity, value, bound, currency, openedAt, closedAt } = told
  const data = { alertId, ban, trunkId, measure, severity, value, bound, currency, openedAt, closedAt }
  return { records: [], about: `alert ${alertId}`, tells: [{ event, data }] }
}

const numbered = (
  told: EventPayload<'telephony.number.changed'>,
  was: string | null | undefined,
): Meaning => {
  const { numberId, ban, trunkId, type: kind, status, e911 } = told
  const mark = e911 ? `${e911.status} ${e911.hash ?? ''}` : (was ?? null)
  // Of a number met for the first time, that nothing is known of its place is no news.
  const isNews = e911 && mark !== was && (was !== undefined && was !== null ? true : e911.status !== 'NONE')
  return {
    records: one('NUMBER', numberId, status === 'RELEASED' || status === 'PORTED_OUT'),
    mark,
    tells: [
      { event: 'NUMBER_CHANGED', data: { numberId, ban, trunkId, kind, status: status ?? null } },
      ...(isNews
        ? [{ event: 'E911_CHANGED' as const, data: { numberId, ban, status: e911.status }, part: 'e911' }]
        : []),
    ],
  }
}

/** What each event means outside. Events that are not here mean nothing there. */
const readings: Readings = {
  'customers.company.changed': (told) =>
    withCustomer(one('COMPANY', told.companyId, told.deleted), told.customerId),
  'customers.contact.changed': (told) => ({ records: one('CONTACT', told.contactId, told.deleted) }),
  'customers.deal.changed': (told) => {
    const { dealId, customerId, pipeline, stage, previousStage, amount, isOpen, isWon, deleted } = told
    const records = one('DEAL', dealId, deleted)
    if (deleted || previousStage === null || previousStage === stage) return { records }
    const data = { dealId, customerId, pipeline, stage, previousStage, amount, isOpen, isWon }
    return { records, tells: [{ event: 'DEAL_STAGE_CHANGED', data }] }
  },
  'customers.ticket.changed': (told) => ({ records: one('TICKET', told.ticketId, told.deleted) }),
  'customers.ticket.raised': ({ ticketId, customerId, trigger, trunkId, severity }) => ({
    records: [],
    about: `ticket ${ticketId}`,
    tells: [{ event: 'TICKET_AUTO_CREATED', data: { ticketId, customerId, trigger, trunkId, severity } }],
  }),
  'customers.task.changed': (told) => ({ records: one('TASK', told.taskId, told.deleted) }),
  'customers.note.changed': (told) => ({ records: one('NOTE', told.noteId, told.deleted) }),
  'customers.identity.changed': (told) => ({
    records: one('CUSTOMER', told.customerId, told.mergedInto !== null),
  }),
  'customers.customer.changed': (told) => ({ records: one('CUSTOMER', told.customerId) }),
  'customers.person.erased': (told) => ({
    records: told.contactIds.map((id) => ({ type: 'CONTACT', id, isDeleted: true })),
  }),
  'customers.sync.progressed': run,
  'customers.conflict.opened': opened,
  'customers.conflict.resolved': resolved,
  'inventory.sync.progressed': run,
  'inventory.conflict.opened': opened,
  'inventory.conflict.resolved': resolved,
  'inventory.account.changed': (told) => ({ records: one('C3_ACCOUNT', told.accountId, told.deleted) }),
  'inventory.rfq.changed': (told) => ({ records: one('RFQ', told.rfqId, told.deleted) }),
  'inventory.recommendation.changed': (told) => ({ records: one('RECOMMENDATION', told.recommendationId) }),
  'telephony.account.changed': (told) => ({ records: one('BILLING_ACCOUNT', told.ban) }),
  'telephony.trunk.changed': (told) => {
    const { trunkId, ban, status, concurrentCalls, allowedCalls, monthlyMinutes } = told
    const data = { trunkId, ban, status, concurrentCalls, allowedCalls: allowedCalls ?? null, monthlyMinutes }
    return { records: one('TRUNK', trunkId, status === 'DELETED'), tells: [{ event: 'TRUNK_CHANGED', data }] }
  },
  'telephony.number.changed': numbered,
  'telephony.port.changed': ({ portOrderId: portId, ban, direction, status, numberIds, agreedOn }) => ({
    records: one('PORT', portId),
    tells: [{ event: 'PORT_CHANGED', data: { portId, ban, direction, status, numberIds, agreedOn } }],
  }),
  'telephony.brand.changed': ({ brandId, ban, status }) => ({
    records: one('BRAND', brandId),
    tells: [{ event: 'MESSAGING_BRAND_CHANGED', data: { brandId, ban, status } }],
  }),
  'telephony.campaign.changed': ({ campaignId, brandId, ban, useCase, status }) => ({
    records: one('CAMPAIGN', campaignId),
    tells: [{ event: 'MESSAGING_CAMPAIGN_CHANGED', data: { campaignId, brandId, ban, useCase, status } }],
  }),
  'telephony.alert.opened': (told) => alerted('THRESHOLD_ALERT_OPENED', told),
  'telephony.alert.closed': (told) => alerted('THRESHOLD_ALERT_CLOSED', told),
  'telephony.invoice.changed': (told) => ({
    records: one('INVOICE', told.invoiceId, told.status === 'VOID'),
  }),
  'insights.health.changed': ({ customerId, score, previousScore, trend }) => ({
    records: one('HEALTH', customerId),
    tells: [{ event: 'HEALTH_CHANGED', data: { customerId, score, previousScore, trend: trend ?? null } }],
  }),
  'insights.insight.raised': (told) => ({ records: one('INSIGHT', told.insightId) }),
  'insights.insight.changed': (told) => ({ records: one('INSIGHT', told.insightId) }),
  'insights.recommendation.changed': (told) => ({ records: one('RECOMMENDATION', told.recommendationId) }),
}

/** The events of a sibling that mean something outside. */
export const heardFrom = (source: string): EventName[] =>
  (Object.keys(readings) as EventName[]).filter((name) => name.startsWith(`${source}.`))

const meaningOf = (name: EventName, event: HeardEvent, was: string | null | undefined): Meaning => {
  const read = readings[name] as ((told: unknown, was: string | null | undefined) => Meaning) | undefined
  return read ? read(readEvent(name, event.version, event.payload), was) : { records: [] }
}

const MARKED: ReadonlySet<ChangedType> = new Set(['SYNC_RUN', 'CONFLICT', 'NUMBER'])

/** The records of a batch whose marks have to be known before it is read. */
export const markedIn = (events: readonly HeardEvent[]): { type: ChangedType; id: string }[] => {
  const records = events.flatMap((event) =>
    isHeard(event) ? meaningOf(event.name, event, undefined).records.slice(0, 1) : [],
  )
  const marked = records.filter(({ type }) => MARKED.has(type))
  return [...new Map(marked.map((record) => [recordKey(record.type, record.id), record])).values()]
}

const isHeard = (event: HeardEvent): event is HeardEvent & { name: EventName } => event.name in catalogue

/**
 * What a batch of events means outside: each record once, as it is last told of, and every message in its order.
 * @param marks of records, by `recordKey`
 * @param isState the events are no news, but what is so now: nobody is told of them
 */
export const readOutward = (
  events: readonly HeardEvent[],
  marks: ReadonlyMap<string, string | null>,
  isState: boolean,
): { changes: RecordChange[]; messages: Message[] } => {
  const known = new Map(marks)
  const changes = new Map<string, RecordChange>()
  const messages: Message[] = []
  for (const event of events.filter(isHeard)) {
    const first = meaningOf(event.name, event, undefined)
    const [record] = first.records
    const key = record && recordKey(record.type, record.id)
    const meaning = key && MARKED.has(record.type) ? meaningOf(event.name, event, known.get(key)) : first
    if (key && meaning.mark !== undefined) known.set(key, meaning.mark)
    for (const { type, id, isDeleted = false } of meaning.records) {
      const of = recordKey(type, id)
      // Behind all others: the last change of a record is its place.
      changes.delete(of)
      changes.set(of, { type, id, isDeleted, at: event.occurredAt, mark: known.get(of) ?? null })
    }
    if (isState) continue
    for (const { event: told, data, part } of meaning.tells ?? [])
      messages.push({
        id: [event.source, event.pos, ...(part ? [part] : [])].join(':'),
        event: told,
        key: meaning.about ?? key ?? event.key,
        at: event.occurredAt,
        // Checked: what leaves the house is what was promised and nothing else.
        data: partnerEvents[told].data.parse(data),
      })
  }
  return { changes: [...changes.values()], messages }
}
