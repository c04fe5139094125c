import { sql } from 'kysely'
import { decimal } from '#kernel/money.ts'
import { effective, type TelephonyThresholdRow, type Threshold } from '../domain/thresholds.ts'
import type { Transaction } from './transaction.ts'

/** Stands for all accounts that have no threshold of their own. */
const ALL = ''

/** The thresholds that count for each of these accounts: one statement for all. */
export const thresholdsOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<(ban: string) => TelephonyThresholdRow[]> => {
  const { rows } = await sql<Threshold & { ban: string }>`
    select ban, measure, severity, bound, slack, min_calls as "minCalls", is_on as "isOn" from telephony.thresholds
    where org_id = ${orgId} and ban = any(${[ALL, ...bans]}::text[])`.execute(tx)
  const set = Map.groupBy(
    rows.map(({ bound, slack, ...row }) => ({ ...row, bound: decimal(bound), slack: decimal(slack) })),
    ({ ban }) => ban,
  )
  const forAll = effective([], set.get(ALL) ?? [])
  return (ban) => {
    const own = set.get(ban)
    return own ? effective(own, set.get(ALL) ?? []) : forAll
  }
}

/** Sets a threshold of an account (null: of all), in place of the one of its measure and severity. @returns what was set before */
export const saveThreshold = async (
  tx: Transaction,
  orgId: string,
  ban: string | null,
  { measure, severity, bound, slack, minCalls, isOn }: Threshold,
  at: Date,
): Promise<Threshold | undefined> => {
  const { rows } = await sql<Threshold>`
    insert into telephony.thresholds (org_id, ban, measure, severity, bound, slack, min_calls, is_on, changed_at)
    values (${orgId}, ${ban ?? ALL}, ${measure}, ${severity}, ${bound}, ${slack}, ${minCalls}, ${isOn}, ${at})
    on conflict (org_id, ban, measure, severity) do update set bound = excluded.bound, slack = excluded.slack,
      min_calls = excluded.min_calls, is_on = excluded.is_on, changed_at = excluded.changed_at
    returning old.measure, old.severity, old.bound, old.slack, old.min_calls as "minCalls", old.is_on as "isOn"`.execute(
    tx,
  )
  const [before] = rows
  return before?.measure
    ? { ...before, bound: decimal(before.bound), slack: decimal(before.slack) }
    : undefined
}

/** Takes a threshold back that was set. @returns it; undefined when none was */
export const forgetThreshold = async (
  tx: Transaction,
  orgId: string,
  ban: string | null,
  { measure, severity }: Pick<Threshold, 'measure' | 'severity'>,
): Promise<Threshold | undefined> => {
  const { rows } = await sql<Threshold>`
    delete from telephony.thresholds
    where org_id = ${orgId} and ban = ${ban ?? ALL} and measure = ${measure} and severity = ${severity}
    returning measure, severity, bound, slack, min_calls as "minCalls", is_on as "isOn"`.execute(tx)
  return rows[0] && { ...rows[0], bound: decimal(rows[0].bound), slack: decimal(rows[0].slack) }
}

/** What these accounts want to spend in a month: one statement for all. */
export const spendLimitsOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<{ ban: string; amount: string }[]> =>
  tx
    .selectFrom('telephony.spend_limits')
    .select(['ban', 'amount'])
    .where('org_id', '=', orgId)
    .where('ban', '=', sql<string>`any(${bans}::text[])`)
    .execute()

/** Says what an account wants to spend in a month; null: that is not watched. @returns what was said before */
export const saveSpendLimit = async (
  tx: Transaction,
  orgId: string,
  ban: string,
  amount: string | null,
): Promise<string | null> => {
  const { rows } =
    amount === null
      ? await sql<{ before: string | null }>`
          delete from telephony.spend_limits where org_id = ${orgId} and ban = ${ban} returning amount as before`.execute(
          tx,
        )
      : await sql<{ before: string | null }>`
          insert into telephony.spend_limits (org_id, ban, amount) values (${orgId}, ${ban}, ${amount})
          on conflict (org_id, ban) do update set amount = excluded.amount returning old.amount as before`.execute(
          tx,
        )
  return rows[0]?.before ?? null
}
