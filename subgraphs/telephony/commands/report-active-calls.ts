import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { type ActiveCalls, currentSince, flawInActiveCalls } from '../domain/active-calls.ts'
import { takeActiveCalls } from '../store/active-calls.ts'
import { bansOfTrunks } from '../store/usage.ts'
import { awaitWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'

/** What became of counts that were sent. */
export interface ReportedActiveCalls {
  accepted: number
  refused: { index: number; message: string }[]
  receipt: Receipt
}

const UNKNOWN_TRUNK = 'There is no trunk with this trunkId.'

/**
 * Takes over how many calls are under way, in one transaction with what it means: accounts of which a count says how it is now are judged at
 * once. As many statements for many counts as for few.
 */
export const reportActiveCalls = (
  ctx: Pick<Context, 'orgId' | 'principal' | 'clock' | 'write'>,
  readings: readonly ActiveCalls[],
): Promise<ReportedActiveCalls> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const now = clock.now()
    const flaws = readings.map((reading) => flawInActiveCalls(reading, now))
    const ids = readings.flatMap(({ trunkId }, n) => (flaws[n] ? [] : [trunkId.toLowerCase()]))
    const bans = await bansOfTrunks(tx, orgId, [...new Set(ids)])
    const refused: ReportedActiveCalls['refused'] = []
    const owned = readings.flatMap((reading, index) => {
      const trunkId = reading.trunkId.toLowerCase()
      const ban = flaws[index] ? undefined : bans.get(trunkId)
      if (ban !== undefined) return [{ ...reading, trunkId, ban }]
      refused.push({ index, message: flaws[index] ?? UNKNOWN_TRUNK })
      return []
    })
    await awaitWatching(tx, orgId)
    const changed = new Set(await takeActiveCalls(tx, orgId, owned, now))
    const isCurrent = ({ at }: ActiveCalls) => at > currentSince(now)
    const current = owned.filter((reading) => changed.has(reading.ban) && isCurrent(reading))
    await judgeAccounts(tx, { orgId, clock }, [...new Set(current.map(({ ban }) => ban))])
    await audit(tx, {
      ...{ orgId, principal, action: 'reportActiveCalls', at: now },
      subject: { type: 'Organisation', id: orgId },
      after: { accepted: owned.length, refused: refused.length },
    })
    return { accepted: owned.length, refused, receipt: await receiptOf(tx) }
  })
