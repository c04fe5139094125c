import { auditAll } from '#service/audit.ts'
import { noteOutgoingRecords } from '#sync/outgoing.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Context } from '../context.ts'
import { type LetterFilter, replayLetters } from '../store/failures.ts'

/** Records tried again in one go. */
const MOST = 1000

const isIn = ({ direction }: { direction: 'IN' | 'OUT' }): boolean => direction === 'IN'

/** Has records that were given up read from their portal anew, or written there: those that failed longest ago first. */
export const replayDeadLetters = (
  ctx: Context,
  filter: LetterFilter,
): Promise<{ count: number; hasMore: boolean }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const letters = await replayLetters(tx, orgId, filter, { limit: MOST + 1, at })
    const taken = letters.slice(0, MOST)
    const [incoming, outgoing] = [taken.filter(isIn), taken.filter((letter) => !isIn(letter))]
    const signals = incoming.map(({ connectionId, type, externalId }) => ({
      orgId,
      connectionId,
      type,
      externalId,
      hasLinks: true,
      isUrgent: true,
    }))
    await noteSignals(tx, signals, at)
    await noteOutgoingRecords(tx, orgId, outgoing, at)
    await auditAll(
      tx,
      taken.map(({ id, attempts }) => ({
        orgId,
        principal,
        action: 'replayDeadLetters',
        subject: { type: 'DeadLetter', id },
        before: { attempts },
        after: { attempts, replayedAt: at },
        at,
      })),
    )
    return { count: taken.length, hasMore: letters.length > MOST }
  })
