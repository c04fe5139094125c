import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { accountStates, type System } from '../store/identities.ts'
import { customersAround, type SummedType, summarise } from '../store/summaries.ts'
import { asTransaction } from '../store/transaction.ts'

/** Our own events after which what is known of a customer is summed up anew, beside those of who is who, which do it themselves. */
export const SUMMED_NEWS = [
  'customers.company.changed',
  'customers.deal.changed',
  'customers.ticket.changed',
  'customers.note.changed',
] as const

/** Those of records that several companies may be linked with: the event names the main one's customer alone. */
const OF_RECORDS: Readonly<Record<string, { type: SummedType; record: string }>> = {
  'customers.deal.changed': { type: 'deals', record: 'dealId' },
  'customers.ticket.changed': { type: 'tickets', record: 'ticketId' },
  'customers.note.changed': { type: 'notes', record: 'noteId' },
}

/** Siblings' events after which it is, and whose accounts they are about. */
const OF_ACCOUNTS: Readonly<Record<string, { system: System; account: string }>> = {
  'telephony.account.changed': { system: 'WARP', account: 'ban' },
  'telephony.usage.summarised': { system: 'WARP', account: 'ban' },
  'inventory.rfq.changed': { system: 'C3', account: 'accountId' },
}

/**
 * Sums up anew what customers bring, ask for and do after what events tell of: called when that is kept. Four statements, however many
 * events there are; safe to repeat.
 */
export const keepSummaries = async (
  raw: object,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const tx = asTransaction(raw)
  const said = (event: LoggedEvent, field: string): string[] => {
    const value = (event.payload as Record<string, unknown>)[field]
    return typeof value === 'string' ? [value] : []
  }
  const own: readonly string[] = SUMMED_NEWS
  const customers = new Set(
    events.filter(({ name }) => own.includes(name)).flatMap((event) => said(event, 'customerId')),
  )
  const records = Map.groupBy(
    events.flatMap((event) => {
      const of = OF_RECORDS[event.name]
      return of ? said(event, of.record).map((id) => ({ type: of.type, id })) : []
    }),
    ({ type }) => type,
  )
  const linked = [...records].map(([type, all]) => [type, all.map(({ id }) => id)])
  for (const id of await customersAround(tx, orgId, Object.fromEntries(linked))) customers.add(id)
  const about = Map.groupBy(
    events.filter(({ name }) => Object.hasOwn(OF_ACCOUNTS, name)),
    ({ name }) => OF_ACCOUNTS[name]?.system as System,
  )
  for (const [system, told] of about) {
    const ids = told.flatMap((event) => said(event, OF_ACCOUNTS[event.name]?.account ?? ''))
    const states = await accountStates(tx, orgId, system, [...new Set(ids)])
    for (const { customerId } of states.values()) customers.add(customerId)
  }
  await summarise(tx, orgId, [...customers].filter(isId))
}
