import { sql } from 'kysely'
import type { DayWord } from '../domain/months.ts'
import type { Word } from './signals.ts'
import type { Transaction } from './transaction.ts'

/** Whoever sends facts of an organisation takes turns: of two who send the same at once, one hears that it was known. */
export const lockIngestion = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('insights.ingestion ' || ${orgId}, 0))`.execute(tx)
}

type HeldWord = Pick<Word, 'system' | 'kind' | 'recordId' | 'sourcePos'>

/** Where the words that are held of these records were said; one statement for all. */
export const heldWords = async (
  tx: Transaction,
  orgId: string,
  words: readonly HeldWord[],
): Promise<HeldWord[]> => {
  if (words.length === 0) return []
  const asked = words.map(({ system, kind, recordId }) => ({ system, kind, recordId }))
  const { rows } = await sql<HeldWord>`
    select s.system, s.kind, s.record_id as "recordId", s.source_pos::double precision as "sourcePos"
    from json_to_recordset(${JSON.stringify(asked)}::json) as r(system text, kind text, "recordId" text)
    cross join lateral (
      select * from insights.signals k where k.org_id = ${orgId}::uuid and k.system = r.system and k.kind = r.kind
        and k.record_id = r."recordId" offset 0
    ) s`.execute(tx)
  return rows
}

type HeldDay = Pick<DayWord, 'accountSystem' | 'accountId' | 'kind' | 'system' | 'day' | 'sourcePos'>

/** Where what is held of these days was told; one statement for all. */
export const heldDays = async (
  tx: Transaction,
  orgId: string,
  days: readonly HeldDay[],
): Promise<HeldDay[]> => {
  if (days.length === 0) return []
  const asked = days.map(({ accountSystem, accountId, kind, system, day }) => ({
    ...{ accountSystem, accountId, kind, system, day },
  }))
  const { rows } = await sql<HeldDay>`
    select r."accountSystem", r."accountId", r.kind, r.system, r.day,
      s.positions[extract(day from r.day::date)::int]::double precision as "sourcePos"
    from json_to_recordset(${JSON.stringify(asked)}::json)
      as r("accountSystem" text, "accountId" text, kind text, system text, day text)
    cross join lateral (
      select * from insights.series k where k.org_id = ${orgId}::uuid and k.account_system = r."accountSystem"
        and k.account_id = r."accountId" and k.kind = r.kind and k.system = r.system
        and k.month = date_trunc('month', r.day::date)::date offset 0
    ) s
    where s.positions[extract(day from r.day::date)::int] is not null`.execute(tx)
  return rows
}
