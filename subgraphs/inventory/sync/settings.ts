import { allows, EVERY_TYPE, everyMs, isPaused } from '#schema/events.ts'
import type { Wanted } from '#sync/schedules.ts'
import { wantedOf, whyNotRead } from '#sync/wanted.ts'
import { integrationsOf } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import { asTransaction } from '../store/transaction.ts'

/** What is done by the clock for a connection to a C3. @param shortest how often changes are read at most */
export const wantedSchedules =
  (shortest: number) =>
  async (raw: object, orgId: string, connectionId: string): Promise<Wanted[]> => {
    const tx = asTransaction(raw)
    const [row] = await integrationsOf(tx, orgId, [connectionId])
    if (!row) return []
    const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
    const pausedBecause = whyNotRead({
      isAsked: row.frequency === 'MANUAL',
      signedOut: row.status === 'NEEDS_REAUTH' ? 'C3 refuses its API key. Give it a new one.' : undefined,
      isHeld: isPaused(pauses, 'IN', EVERY_TYPE) || row.status === 'PAUSED',
      comesIn: allows(row.direction, 'IN'),
    })
    return wantedOf(
      {
        ...{
          id: connectionId,
          timeZone: row.timeZone,
          isEnded: row.disconnectedAt !== null,
          nightly: row.nightly,
        },
        ...{ everyMs: everyMs(row.frequency), pausedBecause },
      },
      shortest,
    )
  }
