import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { leaveSome } from '#sync/leaving.ts'
import type { Target } from '#sync/target.ts'
import { forgetPersons } from '../store/forget-persons.ts'
import { lockIntegration } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'

const AT_ONCE = 500

/**
 * Has every record of an ended connection leave the hub, as if C3 had none any more, and forgets what they say and said of persons: the
 * rows that tell of what is gone name nobody.
 */
export const leaveAll = async (
  around: { database: Rows; clock: Clock; published(): void },
  { orgId, integrationId: connectionId }: { orgId: string; integrationId: string },
  { kinds, target, signal }: { kinds: readonly string[]; target: Target; signal: AbortSignal },
): Promise<void> => {
  const { database, clock, published } = around
  for (const type of kinds)
    for (let left = AT_ONCE; left >= AT_ONCE && !signal.aborted; ) {
      left = await database.transaction(orgId, async (tx) => {
        const row = await lockIntegration(tx, orgId, connectionId)
        // Connected again meanwhile: what is here is what it brings.
        if (!row?.disconnectedAt) return 0
        const at = clock.now()
        const place = { orgId, connectionId, type }
        const ask = { target, at, reading: newId(clock), limit: AT_ONCE }
        const { events, count } = await leaveSome(tx, place, ask)
        await publish(tx, orgId, events, at)
        return Math.max(count, await forgetPersons(tx, place, type, AT_ONCE))
      })
      published()
    }
}
