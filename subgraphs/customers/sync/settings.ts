import { type Cadence, isTimeZone, minuteOfNight } from '#sync/cadence.ts'
import type { Wanted } from '#sync/schedules.ts'
import { allows, EVERY_TYPE, everyMs, isPaused } from '../domain/settings.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import { asTransaction } from '../store/transaction.ts'

const DAY_MS = 86_400_000
/** What is told to be done daily is done early in the morning, after the night's comparison. */
const MORNING_MINUTE = 5 * 60 + 30

/**
 * What is done by the clock for a connection: changes as often as its settings say (in real time every five minutes, in case HubSpot
 * did not tell), a comparison of everything each night, and forgetting of what is kept no longer.
 * @param shortest how often changes are read at most
 */
export const wantedSchedules =
  (shortest: number) =>
  async (raw: object, orgId: string, connectionId: string): Promise<Wanted[]> => {
    const tx = asTransaction(raw)
    const [row] = await integrationsOf(tx, orgId, [connectionId])
    if (!row) return []
    const timeZone = row.time_zone && isTimeZone(row.time_zone) ? row.time_zone : 'UTC'
    const minute = minuteOfNight(connectionId)
    const forgetting: Wanted = { name: 'RETENTION', cadence: { dailyMinute: minute + 60, timeZone } }
    if (row.disconnected_at) return [forgetting]
    const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
    const pausedBecause = whyNotRead(row, isPaused(pauses, 'IN', EVERY_TYPE))
    // The greater one first: it does for the smaller one.
    return [
      { name: 'RECONCILE', cadence: { dailyMinute: minute, timeZone }, pausedBecause },
      { name: 'CHANGES', cadence: changesOf(row, shortest, timeZone), pausedBecause },
      forgetting,
    ]
  }

const changesOf = ({ frequency }: IntegrationRow, shortest: number, timeZone: string): Cadence => {
  const own = everyMs(frequency) ?? DAY_MS
  if (own >= DAY_MS) return { dailyMinute: MORNING_MINUTE, timeZone }
  return { everyMs: frequency === 'REALTIME' || frequency === 'FIVE_MINUTES' ? shortest : own }
}

/** Why nothing comes in by the clock; undefined when it does. */
const whyNotRead = (row: IntegrationRow, isHeld: boolean): string | undefined => {
  if (row.frequency === 'MANUAL') return 'It is read only when somebody asks.'
  if (row.status === 'NEEDS_REAUTH') return 'HubSpot refuses its credentials. Connect it again.'
  if (isHeld || row.status === 'PAUSED') return 'It is paused.'
  return allows(row.direction, 'IN') ? undefined : 'Its records only go out.'
}
