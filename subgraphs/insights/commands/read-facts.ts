import { type EventName, type EventPayload, readEvent } from '#schema/events.ts'
import type { SignalKind, SourceSystem } from '../domain/kinds.ts'
import { orderLines } from '../domain/order-lines.ts'
import type { AccountSystem, DayFact, Details, Signal } from '../domain/signal.ts'

/** What one event says of one record: a fact to keep, or that there is none any more. */
export interface Reading {
  system: SourceSystem
  kind: SignalKind
  recordId: string
  signal: Signal | null
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text))
const none: Omit<Signal, 'system' | 'accountSystem' | 'accountId' | 'kind' | 'recordId' | 'observedAt'> = {
  amount: null,
  unit: null,
  label: null,
  happenedAt: null,
  endedAt: null,
}

const money = (said: { amount: string; currency: string } | null) =>
  said === null ? {} : { amount: Number(said.amount), unit: said.currency }
/** What a system says of its own accounts. */
type Own = Omit<Signal, 'accountSystem' | 'system'> & { system: AccountSystem }
const keep = (...signals: Own[]): Reading[] =>
  signals.map((own) => ({
    ...{ system: own.system, kind: own.kind, recordId: own.recordId },
    signal: { ...own, accountSystem: own.system },
  }))
const drop = (system: SourceSystem, kind: SignalKind, recordId: string): Reading[] => [
  { system, kind, recordId, signal: null },
]

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

const LONGEST_WORD = 100
/** What somebody typed in, as far as it is kept. */
const word = (text: string | null | undefined) => text?.slice(0, LONGEST_WORD)
/** What a kind holds beside, without what nobody has said. */
const beside = (said: { [K in keyof Details]: Details[K] | null | undefined }): { details?: Details } => {
  const known = Object.entries(said).filter(([, value]) => value !== null && value !== undefined)
  return known.length > 0 ? { details: Object.fromEntries(known) } : {}
}

type Reader<N extends EventName> = (payload: EventPayload<N>) => Reading[]

const readers = {
  'customers.company.changed': (e) =>
    e.deleted
      ? drop('HUBSPOT', 'company', e.companyId)
      : keep({
          ...none,
          ...{ system: 'HUBSPOT', accountId: e.companyId, kind: 'company', recordId: e.companyId },
          ...money(e.annualRevenue),
          label: e.lifecycleStage,
          happenedAt: date(e.lastActivityAt),
          observedAt: new Date(e.observedAt),
          ...beside({
            ...{ industry: word(e.industry), country: word(e.country) },
            ...{ employees: e.employees, ownerId: e.ownerId },
          }),
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
          ...beside({ noticed: e.noticed?.length ? e.noticed : null }),
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
          ...beside({
            stage: word(e.stageLabel ?? e.stage),
            renewal: e.renewal && e.renewal !== 'NOT_A_RENEWAL' ? true : null,
          }),
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
  'customers.task.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('HUBSPOT', 'task', e.taskId)
      : keep({
          ...none,
          ...{ system: 'HUBSPOT', accountId: e.companyId, kind: 'task', recordId: e.taskId },
          label: e.status,
          happenedAt: new Date(e.createdAt),
          // HubSpot does not say when a task was done: that was when it was last seen to change.
          endedAt: e.isOpen ? null : new Date(e.observedAt),
          observedAt: new Date(e.observedAt),
          ...beside({ dueAt: e.dueAt }),
        }),
  'customers.note.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('HUBSPOT', 'note', e.noteId)
      : keep({
          ...none,
          ...{ system: 'HUBSPOT', accountId: e.companyId, kind: 'note', recordId: e.noteId },
          happenedAt: new Date(e.notedAt),
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
  'inventory.order.changed': (e) =>
    e.deleted
      ? drop('C3', 'order', e.orderId)
      : keep({
          ...none,
          ...{ system: 'C3', accountId: e.accountId, kind: 'order', recordId: e.orderId },
          ...money(e.total),
          label: e.kind,
          happenedAt: new Date(e.orderedAt),
          observedAt: new Date(e.observedAt),
          details: { lines: orderLines(e.lines) },
        }),
  'telephony.invoice.changed': (e) =>
    e.status === 'VOID'
      ? drop('WARP', 'invoice', e.invoiceId)
      : keep({
          ...none,
          ...{ system: 'WARP', accountId: e.ban, kind: 'invoice', recordId: e.invoiceId },
          ...money(e.total),
          label: e.status,
          happenedAt: new Date(e.issuedAt),
          endedAt: date(e.paidAt),
          observedAt: new Date(e.observedAt),
          details: { dueOn: e.dueOn },
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
        endedAt: date(e.closedAt ?? null),
        observedAt: new Date(e.observedAt),
        ...beside({ contractEnd: e.contractEnd }),
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
  'telephony.alert.opened': (e) => alerted(e),
  'telephony.alert.closed': (e) => alerted(e),
} satisfies { [N in EventName]?: Reader<N> }

/** What a day that is over says of an account. */
const readDay = (e: EventPayload<'telephony.usage.summarised'>): DayFact[] => {
  const said = {
    ...({ system: 'WARP', accountSystem: 'WARP', accountId: e.ban } as const),
    ...{ day: e.day, observedAt: new Date(e.observedAt) },
  }
  return [
    { ...said, kind: 'usage-minutes', amount: Number(e.minutes), unit: 'minutes' },
    { ...said, kind: 'answer-ratio', amount: e.asr, unit: 'share' },
    { ...said, kind: 'call-length', amount: e.acd, unit: 'seconds' },
  ]
}
const DAY_IS_OVER = 'telephony.usage.summarised'

/** Events that carry facts. */
export const factEvents = [...(Object.keys(readers) as (keyof typeof readers)[]), DAY_IS_OVER] as const

type Told = { name: string; version: number; payload: unknown }

/** Reads an event as facts; one that tells of days, or of an account's domain alone, carries none. @throws ZodError when the payload is not what the catalogue promises */
export const readFacts = (event: Told): Reading[] => {
  if (!Object.hasOwn(readers, event.name)) return []
  const name = event.name as keyof typeof readers
  const read = readers[name] as (payload: unknown) => Reading[]
  return read(readEvent(name, event.version, event.payload))
}

/** Reads an event as what it tells of days; most tell of none. @throws as `readFacts` */
export const readDays = (event: Told): DayFact[] =>
  event.name === DAY_IS_OVER ? readDay(readEvent(DAY_IS_OVER, event.version, event.payload)) : []
