import Big from 'big.js'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { type Measured, movesOf } from '../domain/alerts.ts'
import { sumOf } from '../domain/rating.ts'
import type { MonthSpend } from '../domain/spend.ts'
import { alertClosed, alertOpened } from '../domain/telling-alerts.ts'
import { closeAlerts, openAlerts, standingAlerts } from '../store/alerts.ts'
import {
  type AccountMeasures,
  measuresOfAccounts,
  measuresOfTrunks,
  type TrunkMeasures,
} from '../store/measures.ts'
import { unbilledSpend } from '../store/spend.ts'
import { thresholdsOf } from '../store/thresholds.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * Judges accounts and their trunks by their thresholds: alerts open and close, and each is told. At most eight statements, however many
 * accounts. Whoever calls it holds the organisation's watch (`awaitWatching`), so that what two have measured is not mixed.
 */
export const judgeAccounts = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
  bans: readonly string[],
): Promise<void> => {
  if (bans.length === 0) return
  const at = clock.now()
  const thresholds = await thresholdsOf(tx, orgId, bans)
  const accounts = await measuresOfAccounts(tx, orgId, bans, at)
  const trunks = await measuresOfTrunks(tx, orgId, bans, at)
  const spend = await unbilledSpend(tx, orgId, bans, at)
  const standing = await standingAlerts(tx, orgId, bans)
  const live = accounts.filter(({ isLive }) => isLive)
  const lives = new Set(live.map(({ ban }) => ban))
  const measured = [
    ...live.flatMap((account) => ofAccount(account, spend.get(account.ban) ?? [])),
    ...trunks.filter(({ ban }) => lives.has(ban)).flatMap(ofTrunk),
  ]
  const { opening, closing } = movesOf(thresholds, measured, standing, at)
  const closed = await closeAlerts(tx, orgId, closing, at)
  const opened = await openAlerts(
    tx,
    orgId,
    opening.map((alert) => ({ ...alert, id: newId(clock) })),
  )
  const told = [
    ...closed.map((alert) => alertClosed(alert, at)),
    ...opened.map((alert) => alertOpened(alert, at)),
  ]
  await publish(tx, orgId, told, at)
}

const ofAccount = (account: AccountMeasures, [now, ...before]: readonly MonthSpend[]): Measured[] => {
  const { ban, currency, creditLimit, spendLimit, monthlyMinutes, unpaid, seconds } = account
  const whole = { ban, trunkId: null }
  // Money of another currency than the limit's is not compared with it.
  const inCurrency = (month?: MonthSpend) => (month?.currency === currency ? month.spend : null)
  const spent = inCurrency(now)
  const unbilled = [spent, ...before.map(inCurrency)].filter((amount) => amount !== null)
  return [
    {
      ...{ ...whole, measure: 'MINUTES', value: seconds, currency: null },
      whole: new Big(monthlyMinutes).times(60).toFixed(),
    },
    ...(spent === null || spendLimit === null
      ? []
      : [{ ...whole, measure: 'SPEND' as const, value: spent, whole: spendLimit, currency }]),
    {
      ...{ ...whole, measure: 'CREDIT', whole: creditLimit, currency },
      value: new Big(sumOf([unpaid, ...unbilled])).toFixed(),
    },
  ]
}

const ofTrunk = ({ id, ban, allowedCalls, calls, tried, answered }: TrunkMeasures): Measured[] => {
  const trunk = { ban, trunkId: id, currency: null }
  return [
    ...(calls === null
      ? []
      : [{ ...trunk, measure: 'CONCURRENCY' as const, value: `${calls}`, whole: `${allowedCalls}` }]),
    { ...trunk, measure: 'ANSWER_RATIO', value: `${answered}`, whole: `${tried}` },
  ]
}
