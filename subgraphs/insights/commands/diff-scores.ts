import { BadInput } from '#kernel/errors.ts'
import type { Context } from '../context.ts'
import { seriesRead } from '../domain/assess.ts'
import { DAY } from '../domain/measuring.ts'
import {
  type Cause,
  causesOf,
  changesBetween,
  type Held,
  MOST_CHANGES,
  type Move,
  movesOf,
} from '../domain/score-diff.ts'
import { accountsBetween, PAST_DAYS, signalsBetween } from '../store/former-facts.ts'
import { type HealthRow, healthBy } from '../store/health.ts'
import { seriesOf } from '../store/series.ts'
import { settingsBetween } from '../store/settings.ts'

/** Why a customer's score is another than it was. */
export interface ScoreDifference {
  customerId: string
  before: HealthRow | null
  after: HealthRow
  moves: Move[]
  causes: Cause[]
}

// More than this many facts of one customer are not held at once.
const MOST_FACTS = 50_000
// Each change has all facts judged anew, in one go: more would hold up everybody else.
const MOST_WORK = 1_000_000

/**
 * Says what moved a customer's score between two moments. Six statements, whatever happened in between.
 * @returns null when it had no score by the later moment
 * @throws BAD_INPUT when the moments are not in order, too far apart, or too much happened between them
 */
export const diffScores = async (
  ctx: Context,
  { customerId, from, to }: { customerId: string; from: Date; to: Date },
): Promise<ScoreDifference | null> => {
  if (to < from || to.getTime() - from.getTime() > PAST_DAYS * DAY)
    throw BadInput.with({ field: 'to', reason: `must be from as late as from to ${PAST_DAYS} days later` })
  return ctx.db.read(ctx.orgId, async (tx) => {
    const { orgId } = ctx
    const before = (await healthBy(tx, orgId, [customerId], from)).get(customerId) ?? null
    const after = (await healthBy(tx, orgId, [customerId], to)).get(customerId)
    if (!after) return null
    const span = { from: before?.asOf ?? from, to: after.asOf }
    const accounts = await accountsBetween(tx, orgId, customerId, span)
    const held: Held = {
      accounts,
      signals: await signalsBetween(
        tx,
        orgId,
        accounts.map(({ of }) => of),
        { ...span, limit: MOST_FACTS },
      ),
      series: (await seriesOf(tx, orgId, [customerId], seriesRead)).get(customerId) ?? [],
      settings: await settingsBetween(tx, orgId, span),
    }
    const changes = changesBetween(held, span.from, span.to)
    const isTooMuch = changes > MOST_CHANGES || changes * held.signals.length > MOST_WORK
    if (held.signals.length === MOST_FACTS || isTooMuch)
      throw BadInput.with({
        field: 'from',
        reason: 'must be later: too much has changed between the two moments',
      })
    return {
      customerId,
      before,
      after,
      moves: movesOf(before, after),
      causes: causesOf(held, before, after, from),
    }
  })
}
