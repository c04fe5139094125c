import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What is done once a day, or once a month. */
export type NightTask = 'USAGE' | 'MRR' | 'OVERDUE' | 'INVOICES' | 'GROWTH'

/** How far a task has come. */
export interface Progress {
  /** Everything until this day is done, as `YYYY-MM-DD`. */
  until: string
  /** Of what comes after it, the account that was dealt with last. */
  afterBan: string | null
}

/** A moment by the organisation's own calendar. */
export interface Calendar {
  timeZone: string
  /** As `YYYY-MM-DD`. */
  today: string
  /** The day it was three days before: records are late until then. */
  lateUntil: string
}

/** Records of a day are told of for so many hours. */
export const LATE_HOURS = 72

/** Organisations there are, as the relay. */
export const organisations = async (tx: Transaction): Promise<string[]> =>
  (await tx.selectFrom('telephony.organisations').select('org_id').orderBy('org_id').execute()).map(
    (row) => row.org_id,
  )

/** Which day a moment is on. */
export const calendarAt = async (tx: Transaction, orgId: string, at: Date): Promise<Calendar> => {
  const { rows } = await sql<Calendar>`
    select z.name as "timeZone", (${at.toISOString()}::timestamptz at time zone z.name)::date as today,
      ((${at.toISOString()}::timestamptz - make_interval(hours => ${LATE_HOURS}::integer)) at time zone z.name)::date as "lateUntil"
    from (select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name) z`.execute(
    tx,
  )
  return rows[0]!
}

/** When a day of the organisation ended. @param day as `YYYY-MM-DD` */
export const endOf = async (tx: Transaction, orgId: string, day: string): Promise<Date> => {
  const { rows } = await sql<{ ended: Date }>`
    select (${day}::date + 1)::timestamp at time zone
      coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as ended`.execute(
    tx,
  )
  return rows[0]!.ended
}

/** Whether it is kept what accounts paid on each day until this one. @param day as `YYYY-MM-DD` */
export const isMrrKept = async (tx: Transaction, orgId: string, day: string): Promise<boolean> =>
  ((await progressOf(tx, orgId, 'MRR'))?.until ?? '') >= day

/** The day until which records were late when a day of the organisation began, as `YYYY-MM-DD`. */
export const lateAt = async (tx: Transaction, orgId: string, day: string): Promise<string> => {
  const { rows } = await sql<{ late: string }>`
    select ((${day}::date::timestamp at time zone z.name - make_interval(hours => ${LATE_HOURS}::integer)) at time zone z.name)::date as late
    from (select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name) z`.execute(
    tx,
  )
  return rows[0]!.late
}

/** Has the tasks of an organisation be done by one transaction at a time. */
export const lockNight = async (tx: Transaction, orgId: string, task: NightTask): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`telephony.night ${task} ${orgId}`}, 0))`.execute(
    tx,
  )
}

/** How far a task has come; undefined when it was never done. */
export const progressOf = async (
  tx: Transaction,
  orgId: string,
  task: NightTask,
): Promise<Progress | undefined> =>
  await tx
    .selectFrom('telephony.nights')
    .select(['until', 'after_ban as afterBan'])
    .where('org_id', '=', orgId)
    .where('task', '=', task)
    .executeTakeFirst()

/** Notes how far a task has come. */
export const noteProgress = async (
  tx: Transaction,
  orgId: string,
  task: NightTask,
  { until, afterBan }: Progress,
): Promise<void> => {
  await sql`
    insert into telephony.nights (org_id, task, until, after_ban) values (${orgId}, ${task}, ${until}::date, ${afterBan})
    on conflict (org_id, task) do update set until = excluded.until, after_ban = excluded.after_ban`.execute(
    tx,
  )
}

/** The last month that an account is billed for, or is being billed for, as `YYYY-MM`; null when there is none. */
export const billedUntil = async (tx: Transaction, orgId: string, ban: string): Promise<string | null> => {
  const { rows } = await sql<{ month: string | null }>`
    select to_char(greatest(
      (select n.until + (n.after_ban is not null)::integer from telephony.nights n where n.org_id = ${orgId} and n.task = 'INVOICES'),
      (select max(i.month) from telephony.invoices i where i.org_id = ${orgId} and i.ban = ${ban})), 'YYYY-MM') as month`.execute(
    tx,
  )
  return rows[0]!.month
}
