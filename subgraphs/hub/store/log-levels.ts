import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

export interface LogLevelSettingRow {
  area: string
  level: 'error' | 'warn' | 'info' | 'debug'
  until: Date
}

/** What an organisation has set and holds still, by area. */
export const logLevels = async (tx: Transaction, orgId: string, at: Date): Promise<LogLevelSettingRow[]> => {
  const { rows } = await sql<LogLevelSettingRow>`
    select area, level, until from hub.log_levels where org_id = ${orgId} and until > ${at} order by area`.execute(
    tx,
  )
  return rows
}

/** What holds for the processes, whoever has set it: the most telling first. Asked as relay, across organisations. */
export const levelsOfAll = async (tx: Transaction, at: Date): Promise<LogLevelSettingRow[]> => {
  const { rows } = await sql<LogLevelSettingRow>`
    select area, level, until from hub.log_levels where until > ${at}
    order by array_position(array['debug', 'info', 'warn', 'error'], level), area`.execute(tx)
  return rows
}

/** Sets a level, and forgets those that are over. @returns what was set of it before */
export const saveLogLevel = async (
  tx: Transaction,
  orgId: string,
  { area, level, until }: LogLevelSettingRow,
  at: Date,
): Promise<LogLevelSettingRow | undefined> => {
  const { rows } = await sql<LogLevelSettingRow>`
    select area, level, until from hub.log_levels where org_id = ${orgId} and area = ${area} and until > ${at}`.execute(
    tx,
  )
  await sql`delete from hub.log_levels where org_id = ${orgId} and until <= ${at} and area <> ${area}`.execute(
    tx,
  )
  await sql`
    insert into hub.log_levels (org_id, area, level, until) values (${orgId}, ${area}, ${level}, ${until})
    on conflict (org_id, area) do update set level = excluded.level, until = excluded.until`.execute(tx)
  return rows[0]
}
