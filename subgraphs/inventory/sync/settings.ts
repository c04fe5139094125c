import { minuteOfNight } from '#sync/cadence.ts'
import type { Wanted } from '#sync/schedules.ts'
import { listIntegrations } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

/** A C3 does not say where it stands, so its nights are those of UTC. */
const timeZone = 'UTC'

/**
 * What is done by the clock for a connection to a C3: reading what changed, everything each night, and forgetting of what is kept no
 * longer.
 * @param shortest how often changes are read
 */
export const wantedSchedules =
  (shortest: number) =>
  async (raw: object, orgId: string, connectionId: string): Promise<Wanted[]> => {
    const known = await listIntegrations(asTransaction(raw), orgId)
    const integration = known.find(({ id }) => id === connectionId)
    if (!integration) return []
    const pausedBecause = whyNotRead[integration.status]
    const minute = minuteOfNight(connectionId)
    // The greater one first: it does for the smaller one.
    return [
      { name: 'FULL', cadence: { dailyMinute: minute, timeZone }, pausedBecause },
      { name: 'CHANGES', cadence: { everyMs: shortest }, pausedBecause },
      { name: 'RETENTION', cadence: { dailyMinute: minute + 60, timeZone } },
    ]
  }

const whyNotRead = {
  ACTIVE: undefined,
  PAUSED: 'It is paused.',
  NEEDS_REAUTH: 'C3 refuses its API key. Give it a new one.',
} as const
