import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import type { Jobs } from '#service/jobs.ts'
import type { UsageDayRow } from '../domain/usage-days.ts'
import { writeAllUsage } from '../jobs/definitions.ts'
import { asTransaction } from '../store/transaction.ts'
import { keepUsageDays } from '../store/usage-days.ts'

/** Names of the events by which telephony tells what was used. */
export const USAGE_EVENTS = ['telephony.usage.summarised'] as const

/** Telephony tells the day of one account after the other: companies wait until all have had their turn. */
const SETTLE_MS = 120_000

/**
 * Keeps what accounts have used, day by day, and has it written once it has settled. What is told again, or late, changes nothing. Two
 * statements, however many events there are.
 */
export const takeUsage = async (
  raw: object,
  jobs: Pick<Jobs, 'enqueue'>,
  orgId: string,
  events: readonly LoggedEvent[],
  { now, settleMs = SETTLE_MS }: { now: Date; settleMs?: number },
): Promise<void> => {
  const tx = asTransaction(raw)
  const rows = new Map<string, UsageDayRow>()
  for (const each of events) {
    if (each.name !== 'telephony.usage.summarised') continue
    const row = rowOf(readEvent(each.name, each.version, each.payload))
    const name = `${row.ban} ${row.day}`
    const held = rows.get(name)
    if (!held || held.observed_at <= row.observed_at) rows.set(name, row)
  }
  if ((await keepUsageDays(tx, orgId, [...rows.values()])) === 0) return
  const at = new Date(now.getTime() + settleMs)
  await jobs.enqueue(tx, writeAllUsage, { orgId, turn: `news ${at.toISOString().slice(0, 10)}` }, { at })
}

const rowOf = (told: ReturnType<typeof readEvent<'telephony.usage.summarised'>>): UsageDayRow => {
  const { ban, day, calls, completedCalls, minutes, messages, spend, acd, monthToDate, observedAt } = told
  return {
    ...{ ban, day, calls, completed_calls: completedCalls, minutes, messages },
    spend: spend?.amount ?? null,
    currency: spend?.currency ?? monthToDate.spend?.currency ?? null,
    acd: acd === null ? null : String(acd),
    month_minutes: monthToDate.minutes,
    month_spend: monthToDate.spend?.amount ?? null,
    observed_at: new Date(observedAt),
  }
}
