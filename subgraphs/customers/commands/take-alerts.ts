import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import type { Jobs } from '#service/jobs.ts'
import { type AlertSighting, sightingOfAlert } from '../domain/alert-tickets.ts'
import { writeAlertTickets } from '../jobs/definitions.ts'
import { toldAlerts } from '../store/alert-tickets.ts'
import { setTold } from '../store/timeline-told.ts'
import { asTransaction } from '../store/transaction.ts'

/** Names of the events by which telephony tells of alerts. */
export const ALERT_EVENTS = ['telephony.alert.opened', 'telephony.alert.closed'] as const

/**
 * Keeps alerts that become tickets, and has these written. The latest word about an alert holds, in whatever order they come: once it is
 * over it stays over. Three statements, however many events there are.
 */
export const takeAlerts = async (
  raw: object,
  jobs: Pick<Jobs, 'enqueue'>,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const tx = asTransaction(raw)
  const told = events.flatMap((each) =>
    each.name === 'telephony.alert.opened' || each.name === 'telephony.alert.closed'
      ? (sightingOfAlert(readEvent(each.name, each.version, each.payload)) ?? [])
      : [],
  )
  if (told.length === 0) return
  const held = await toldAlerts(tx, orgId, [...new Set(told.map(({ id }) => id))])
  const now = new Map<string, AlertSighting>()
  for (const seen of told) {
    const was = now.get(seen.id) ?? held.get(seen.id)
    if (!was || isNews(was, seen)) now.set(seen.id, seen)
  }
  if (now.size === 0) return
  await setTold(tx, orgId, [...now.values()])
  await jobs.enqueue(tx, writeAlertTickets, { orgId })
}

/** Told again it is none, and of two words of one moment the one that ends it is the later one. */
const isNews = (was: AlertSighting, seen: AlertSighting): boolean =>
  seen.at > was.at || (seen.at === was.at && was.state.closedAt === null && seen.state.closedAt !== null)
