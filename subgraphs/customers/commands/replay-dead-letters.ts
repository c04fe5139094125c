import { auditAll } from '#service/audit.ts'
import { noteOutgoing, noteOutgoingRecords } from '#sync/outgoing.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Context } from '../context.ts'
import { TIMELINE_TYPE } from '../domain/timeline.ts'
import { type LetterFilter, replayLetters } from '../store/failures.ts'
import { reviveTimeline } from '../store/timeline.ts'
import type { Transaction } from '../store/transaction.ts'

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
    const incoming = taken.filter(isIn)
    const events = taken.filter((letter) => !isIn(letter) && letter.type === TIMELINE_TYPE)
    const outgoing = taken.filter((letter) => !isIn(letter) && letter.type !== TIMELINE_TYPE)
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
    await writeAgain(tx, orgId, events, at)
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

/** Events of timelines are no records: they are known by our ids. */
const writeAgain = async (
  tx: Transaction,
  orgId: string,
  letters: readonly { connectionId: string; externalId: string }[],
  at: Date,
): Promise<void> => {
  if (letters.length === 0) return
  await reviveTimeline(
    tx,
    orgId,
    letters.map(({ externalId }) => externalId),
  )
  for (const [connectionId, own] of Map.groupBy(letters, (letter) => letter.connectionId))
    await noteOutgoing(
      tx,
      { orgId, connectionId },
      own.map(({ externalId }) => ({ type: TIMELINE_TYPE, localId: externalId, isUrgent: true })),
      at,
    )
}
