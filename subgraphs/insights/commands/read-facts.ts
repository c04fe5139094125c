import { type EventName, type EventPayload, readEvent } from '#schema/events.ts'
import type { Signal, SignalKind } from '../domain/signal.ts'

/** What one event says: facts to keep, records whose facts to withdraw. */
export interface Reading {
  signals: Signal[]
  withdrawn: { kind: SignalKind; recordId: string }[]
}

const date = (text: string | null): Date | null => (text === null ? null : new Date(text))
const none: Omit<Signal, 'system' | 'accountId' | 'kind' | 'recordId' | 'observedAt'> = {
  amount: null,
  unit: null,
  label: null,
  happenedAt: null,
  endedAt: null,
}

const keep = (signal: Signal): Reading => ({ signals: [signal], withdrawn: [] })
const drop = (kind: SignalKind, recordId: string): Reading => ({
  signals: [],
  withdrawn: [{ kind, recordId }],
})

type Reader<N extends EventName> = (payload: EventPayload<N>) => Reading

const readers = {
  'customers.company.changed': (e) =>
    e.deleted
      ? drop('company', e.companyId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'company',
          recordId: e.companyId,
          amount: e.annualRevenue ? Number(e.annualRevenue.amount) : null,
          unit: e.annualRevenue?.currency ?? null,
          label: e.lifecycleStage,
          happenedAt: date(e.lastActivityAt),
          observedAt: new Date(e.observedAt),
        }),
  'customers.contact.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('contact', e.contactId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'contact',
          recordId: e.contactId,
          happenedAt: date(e.lastActivityAt),
          observedAt: new Date(e.observedAt),
        }),
  'customers.deal.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('deal', e.dealId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'deal',
          recordId: e.dealId,
          amount: e.amount ? Number(e.amount.amount) : null,
          unit: e.amount?.currency ?? null,
          label: e.isOpen ? 'open' : e.isWon ? 'won' : 'lost',
          happenedAt: date(e.createdAt),
          endedAt: e.isOpen ? null : date(e.closeDate),
          observedAt: new Date(e.observedAt),
        }),
  'customers.ticket.changed': (e) =>
    e.deleted || e.companyId === null
      ? drop('ticket', e.ticketId)
      : keep({
          ...none,
          system: 'HUBSPOT',
          accountId: e.companyId,
          kind: 'ticket',
          recordId: e.ticketId,
          label: e.priority,
          happenedAt: date(e.createdAt),
          // A closed ticket without a closing time ended when it was last seen to change.
          endedAt: e.isOpen ? null : (date(e.closedAt) ?? new Date(e.observedAt)),
          observedAt: new Date(e.observedAt),
        }),
  'inventory.rfq.changed': (e) =>
    e.deleted
      ? drop('rfq', e.rfqId)
      : keep({
          ...none,
          system: 'C3',
          accountId: e.accountId,
          kind: 'rfq',
          recordId: e.rfqId,
          amount: e.total ? Number(e.total.amount) : null,
          unit: e.total?.currency ?? null,
          label: e.status,
          happenedAt: date(e.createdAt),
          observedAt: new Date(e.observedAt),
        }),
  'telephony.account.changed': (e) => ({
    withdrawn: [],
    signals: [
      {
        ...none,
        system: 'WARP',
        accountId: e.ban,
        kind: 'billing',
        recordId: e.ban,
        amount: Number(e.mrr.amount),
        unit: e.mrr.currency,
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
    ],
  }),
  'telephony.trunk.changed': (e) =>
    e.status === 'DELETED'
      ? drop('trunk', e.trunkId)
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
} satisfies { [N in EventName]?: Reader<N> }

/** Events that carry facts. */
export const factEvents = Object.keys(readers) as (keyof typeof readers)[]

/** Reads an event as facts. @throws ZodError when the payload is not what the catalogue promises */
export const readFacts = (event: { name: string; version: number; payload: unknown }): Reading => {
  const name = event.name as keyof typeof readers
  const read = readers[name] as (payload: unknown) => Reading
  return read(readEvent(name, event.version, event.payload))
}
