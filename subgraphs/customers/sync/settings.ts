import type { Wanted } from '#sync/schedules.ts'
import { wantedOf, whyNotRead } from '#sync/wanted.ts'
import { allows, EVERY_TYPE, everyMs, isPaused } from '../domain/settings.ts'
import { integrationsOf } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import { asTransaction } from '../store/transaction.ts'

/** What is done by the clock for a connection to a portal. @param shortest how often changes are read at most */
export const wantedSchedules =
  (shortest: number) =>
  async (raw: object, orgId: string, connectionId: string): Promise<Wanted[]> => {
    const tx = asTransaction(raw)
    const [row] = await integrationsOf(tx, orgId, [connectionId])
    if (!row) return []
    const pauses = (await pausesOf(tx, orgId, [connectionId])).get(connectionId) ?? []
    const pausedBecause = whyNotRead({
      isAsked: row.frequency === 'MANUAL',
      signedOut:
        row.status === 'NEEDS_REAUTH' ? 'HubSpot refuses its credentials. Connect it again.' : undefined,
      isHeld: isPaused(pauses, 'IN', EVERY_TYPE) || row.status === 'PAUSED',
      comesIn: allows(row.direction, 'IN'),
    })
    return wantedOf(
      {
        ...{
          id: connectionId,
          timeZone: row.time_zone,
          isEnded: row.disconnected_at !== null,
          nightly: 'RECONCILE',
        },
        ...{ everyMs: everyMs(row.frequency), pausedBecause },
      },
      shortest,
    )
  }
