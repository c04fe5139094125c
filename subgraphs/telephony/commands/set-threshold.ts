import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { Flaw } from '../domain/asset.ts'
import {
  type AskedThreshold,
  readThreshold,
  type TelephonyThresholdRow,
  type Threshold,
} from '../domain/thresholds.ts'
import { lockAccount } from '../store/accounts.ts'
import { saveThreshold } from '../store/thresholds.ts'
import { awaitWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'

export type ThresholdPlace = Pick<Threshold, 'measure' | 'severity'>

/** What the audit of a threshold is about. */
export const subjectOf = (orgId: string, ban: string | null) =>
  ban === null ? { type: 'Organisation', id: orgId } : { type: 'BillingAccount', id: ban }

/** What was changed, by measure and severity, as the audit shows it. */
export const shown = (place: ThresholdPlace, threshold: Threshold | undefined) =>
  threshold ? { [`${place.measure} ${place.severity}`]: threshold } : {}

/**
 * Sets a threshold of an account, or (`ban` null) of all accounts that have none of their own. A single account is judged by it at once.
 * @returns the threshold; what is wrong with it; null when there is no such account
 */
export const setThreshold = (
  ctx: Context,
  ban: string | null,
  asked: AskedThreshold,
): Promise<{ threshold: TelephonyThresholdRow; receipt: Receipt } | Flaw | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const threshold = readThreshold(asked)
    if ('problem' in threshold) return threshold
    // First: whoever judges accounts waits for those that are held, and must not be waited for by who holds them.
    await awaitWatching(tx, orgId)
    if (ban !== null && !(await lockAccount(tx, orgId, ban))) return null
    const at = clock.now()
    const before = await saveThreshold(tx, orgId, ban, threshold, at)
    await audit(tx, {
      ...{ orgId, principal, action: 'setThreshold', at, subject: subjectOf(orgId, ban) },
      ...{ before: shown(threshold, before), after: shown(threshold, threshold) },
    })
    if (ban !== null) await judgeAccounts(tx, ctx, [ban])
    const origin = ban === null ? ('ORGANISATION' as const) : ('ACCOUNT' as const)
    return { threshold: { ...threshold, origin }, receipt: await receiptOf(tx) }
  })
