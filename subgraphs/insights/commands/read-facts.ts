import { type EventName, type EventPayload, readEvent } from '#schema/events.ts'
import type { Signal, SignalKind, SourceSystem } from '../domain/signal.ts'

/** What one event says of one record: a fact to keep, or that there is none any more. */
export interface Reading {
  system: SourceSystem
  kind: SignalKind
  recordId: string
  signal: Signal | null
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text))
const none: Omit<Signal, 'system' | 'accountId' | 'kind' | 'recordId' | 'observedAt'> = {
  amount: null,
  unit: null,
  label: null,
  happenedAt: null,
  endedAt: null,
}

const money = (said: { amount: string; currency: string } | null) =>
  said === null ? {} : { amount: Number(said.amount), unit: said.currency }
const keep = (...signals: Signal[]): Reading[] =>
  signals.map((signal) => ({
    system: signal.system,
    kind: signal.kind,
    recordId: signal.recordId,
    signal,
  }))
const drop = (system: SourceSystem, kind: SignalKind, recordId: string): Reading[] => [
  { system, kind, recordId, signal: null },
]

/** So many days of an account's usage are kept: five weeks, so that the same days of a week can be compared. */
const KEPT_DAYS = 35
const DAY_MS = 86_400_000

/** Days lie in a ring: one takes the place of the day five weeks before. What is told anew of a day takes its own place. */
const placeOfDay = (day: Date): number => Math.floor(day.getTime() / DAY_MS) % KEPT_DAYS

const UNITS = { MINUTES: 'minutes', CONCURRENCY: 'calls', ANSWER_RATIO: 'share', SPEND: null, CREDIT: null }

const alerted = (e: EventPayload<'telephony.alert.opened'>): Reading[] =>
  keep({
    ...none,
    ...{ system: 'WARP', accountId: e.ban, kind: 'usage-alert', recordId: e.alertId },
    amount: Number(e.value),
    unit: UNITS[e.measure] ?? e.currency,
    label: `${e.severity} ${e.measure}`,
    happenedAt: new Date(e.openedAt),
    endedAt: date(e.closedAt),
    observedAt: new Date(e.observedAt),
  })

type Reader<N extends EventName> = (payload: EventPayload<N>) => Reading[]

const readers = {
  'customers.company.changed': (e) =>
    e.deleted
      ? drop('HUBSPOT', 'company', e.companyId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'company',
          recordId: e.companyId,
          ...money(e.annualRevenue),
          label: e.lifecycleStage,
          happenedAt: date(e.lastActivityAt),
          observedAt: new Date(e.observedAt),
        }),
  'customers.contact.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('HUBSPOT', 'contact', e.contactId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'contact',
          recordId: e.contactId,
          happenedAt: date(e.lastActivityAt),
          observedAt: new Date(e.observedAt),
        }),
  'customers.person.erased': (e) =>
    e.contactIds.flatMap((contactId) => drop('HUBSPOT', 'contact', contactId)),
  'customers.deal.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('HUBSPOT', 'deal', e.dealId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'deal',
          recordId: e.dealId,
          ...money(e.amount),
          label: e.isOpen ? 'open' : e.isWon ? 'won' : 'lost',
          happenedAt: date(e.createdAt),
          // A closed record without a closing time ended when it was last seen to change.
          endedAt: e.isOpen ? null : date(e.closeDate ?? e.observedAt),
          observedAt: new Date(e.observedAt),
        }),
  'customers.ticket.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('HUBSPOT', 'ticket', e.ticketId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'ticket',
          recordId: e.ticketId,
          label: e.priority,
          happenedAt: date(e.createdAt),
          endedAt: e.isOpen ? null : date(e.closedAt ?? e.observedAt),
          observedAt: new Date(e.observedAt),
        }),
  'inventory.rfq.changed': (e) =>
    e.deleted
      ? drop('C3', 'rfq', e.rfqId)
      : keep({
          ...none,
          system: 'C3',
          accountId: e.accountId,
          kind: 'rfq',
          recordId: e.rfqId,
          ...money(e.total),
          label: e.status,
          happenedAt: date(e.createdAt),
          observedAt: new Date(e.observedAt),
        }),
  'telephony.account.changed': (e) =>
    keep(
      {
        ...none,
        system: 'WARP',
        accountId: e.ban,
        kind: 'billing',
        recordId: e.ban,
        ...money(e.mrr),
        label: e.paymentStatus,
        happenedAt: date(e.createdAt),
        observedAt: new Date(e.observedAt),
      },
      {
        ...none,
        system: 'WARP',
        accountId: e.ban,
        kind: 'account-status',
        recordId: e.ban,
        label: e.status,
        observedAt: new Date(e.observedAt),
      },
    ),
  'telephony.trunk.changed': (e) =>
    e.status === 'DELETED'
      ? drop('WARP', 'trunk', e.trunkId)
      : keep({
          ...none,
          system: 'WARP',
          accountId: e.ban,
          kind: 'trunk',
          recordId: e.trunkId,
          amount: e.concurrentCalls,
          unit: 'calls',
          label: e.status,
          observedAt: new Date(e.observedAt),
        }),
  'telephony.usage.summarised': (e) => {
    const at = new Date(`${e.day}T00:00:00Z`)
    const recordId = `${e.ban} ${placeOfDay(at)}`
    const ofDay = (kind: SignalKind, amount: number | null, unit: string): Reading[] =>
      amount === null
        ? drop('WARP', kind, recordId)
        : keep({
            ...none,
            ...{ system: 'WARP', accountId: e.ban, kind, recordId, amount, unit, happenedAt: at },
            observedAt: new Date(e.observedAt),
          })
    return [
      ...ofDay('usage-minutes', Number(e.minutes), 'minutes'),
      ...ofDay('answer-ratio', e.asr, 'share'),
      ...ofDay('call-length', e.acd, 'seconds'),
    ]
  },
  'telephony.alert.opened': (e) => alerted(e),
  'telephony.alert.closed': (e) => alerted(e),
} satisfies { [N in EventName]?: Reader<N> }

/** Events that carry facts. */
export const factEvents = Object.keys(readers) as (keyof typeof readers)[]

/** Reads an event as facts. @throws ZodError when the payload is not what the catalogue promises */
export const readFacts = (event: { name: string; version: number; payload: unknown }): Reading[] => {
  const name = event.name as keyof typeof readers
  const read = readers[name] as (payload: unknown) => Reading[]
  return read(readEvent(name, event.version, event.payload))
}
