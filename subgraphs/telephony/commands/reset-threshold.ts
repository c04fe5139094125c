import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { TelephonyThresholdRow } from '../domain/thresholds.ts'
import { forgetThreshold, thresholdsOf } from '../store/thresholds.ts'
import type { Transaction } from '../store/transaction.ts'
import { awaitWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'
import { shown, subjectOf, type ThresholdPlace } from './set-threshold.ts'

const countingOne = async (tx: Transaction, orgId: string, ban: string | null, place: ThresholdPlace) =>
  (await thresholdsOf(tx, orgId, ban === null ? [] : [ban]))(ban ?? '').find(
    ({ measure, severity }) => measure === place.measure && severity === place.severity,
  )

/**
 * Takes back a threshold that was set.
 * @returns the one that counts now, if any; null when none was set
 */
export const resetThreshold = (
  ctx: Context,
  ban: string | null,
  place: ThresholdPlace,
): Promise<{ threshold: TelephonyThresholdRow | null; receipt: Receipt } | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    await awaitWatching(tx, orgId)
    const before = await forgetThreshold(tx, orgId, ban, place)
    if (!before) return null
    await audit(tx, {
      ...{ orgId, principal, action: 'resetThreshold', at: clock.now(), subject: subjectOf(orgId, ban) },
      ...{ before: shown(place, before), after: {} },
    })
    if (ban !== null) await judgeAccounts(tx, ctx, [ban])
    return { threshold: (await countingOne(tx, orgId, ban, place)) ?? null, receipt: await receiptOf(tx) }
  })
