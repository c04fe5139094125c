import { auditAll } from '#service/audit.ts'
import { type DeadLetter, type LetterFilter, replayLetters } from '#sync/dead-letters.ts'
import { noteOutgoingRecords } from '#sync/outgoing.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Apart, Asking, Telling } from './vendor.ts'

/** Records tried again in one go. */
const MOST = 1000

const isIn = ({ direction }: DeadLetter): boolean => direction === 'IN'

/** Has records that were given up read from the other system anew, or written there: those that failed longest ago first. */
export const replayDeadLetters =
  (vendor: Telling & { apart?: Apart }) =>
  (ctx: Asking, filter: LetterFilter): Promise<{ count: number; hasMore: boolean }> =>
    ctx.write(async (tx) => {
      const { orgId, principal, clock } = ctx
      const at = clock.now()
      const letters = await replayLetters(tx, orgId, filter, { limit: MOST + 1, at })
      const taken = letters.slice(0, MOST)
      const incoming = taken.filter(isIn)
      const out = taken.filter((letter) => !isIn(letter))
      const apart = out.filter(({ type }) => type === vendor.apart?.type)
      const outgoing = out.filter(({ type }) => type !== vendor.apart?.type)
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
      if (apart.length > 0) await vendor.apart?.again(tx, orgId, apart, at)
      await auditAll(
        tx,
        taken.map(({ id, attempts }) => ({
          orgId,
          principal,
          action: vendor.actions.replayDeadLetters,
          subject: { type: 'DeadLetter', id },
          before: { attempts },
          after: { attempts, replayedAt: at },
          at,
        })),
      )
      return { count: taken.length, hasMore: letters.length > MOST }
    })
