/**
 * word   an event of a sibling, as it tells of one of its records
 */
import type { NewEvent } from '#events/event.ts'
import { type EventName, type EventPayload, event } from '#schema/events.ts'

export type Source = 'customers' | 'inventory' | 'telephony'

export interface Word {
  source: Source
  event: NewEvent
}

/** What a sibling says of a record. @throws ZodError when that is not what the catalogue promises */
export const tell = <N extends EventName>(name: N, payload: EventPayload<N>): Word => {
  const said = payload as Record<string, string>
  // As the siblings do: whatever is told of one record has one key.
  const key = said[KEYS[name] ?? ''] ?? 'key'
  return { source: name.split('.')[0] as Source, event: event(name, key, payload) }
}

const KEYS: Readonly<Partial<Record<EventName, string>>> = {
  'customers.company.changed': 'companyId',
  'customers.contact.changed': 'contactId',
  'customers.person.erased': 'erasureId',
  'customers.note.changed': 'noteId',
  'customers.deal.changed': 'dealId',
  'customers.ticket.changed': 'ticketId',
  'customers.task.changed': 'taskId',
  'customers.identity.changed': 'customerId',
  'inventory.rfq.changed': 'rfqId',
  'inventory.order.changed': 'orderId',
  'inventory.account.changed': 'accountId',
  'telephony.account.changed': 'ban',
  'telephony.trunk.changed': 'trunkId',
  'telephony.usage.summarised': 'ban',
  'telephony.alert.opened': 'ban',
  'telephony.alert.closed': 'ban',
  'telephony.invoice.changed': 'ban',
}

/** Whatever two events tell of one and the same thing: the later of them is the last word. */
export const keyOf = ({ name, key, payload }: NewEvent): string => {
  const said = payload as Record<string, string> & { contactIds?: string[] }
  if (name === 'customers.person.erased') return `customers.contact.changed ${said.contactIds?.[0]}`
  if (name === 'telephony.usage.summarised') return `${name} ${said.ban} ${said.day}`
  if (name.startsWith('telephony.alert.')) return `alert ${said.alertId}`
  if (name === 'telephony.invoice.changed') return `${name} ${said.invoiceId}`
  return `${name} ${key}`
}
