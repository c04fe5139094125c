import { type RawBuilder, sql } from 'kysely'
import { decimal } from '#kernel/money.ts'
import type { ClosedAlert, NewAlert, OpenAlert, TelephonyAlertRow } from '../domain/alerts.ts'
import type { Measure } from '../domain/thresholds.ts'
import type { Transaction } from './transaction.ts'

const columns = sql`id, ban, trunk_id as "trunkId", measure, severity, value, bound, "limit", percent, currency,
  opened_at as "openedAt", due_at as "dueAt", closed_at as "closedAt", closed_value as "closedValue",
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy"`

const exact = (row: TelephonyAlertRow): TelephonyAlertRow => ({
  ...row,
  value: decimal(row.value),
  bound: decimal(row.bound),
  limit: row.limit === null ? null : decimal(row.limit),
  closedValue: row.closedValue === null ? null : decimal(row.closedValue),
})

const read = async (
  tx: Transaction,
  statement: RawBuilder<TelephonyAlertRow>,
): Promise<TelephonyAlertRow[]> => (await statement.execute(tx)).rows.map(exact)

/** The alerts of these accounts that stand: one statement for all. */
export const standingAlerts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<OpenAlert[]> => {
  const { rows } = await sql<OpenAlert>`
    select id, ban, trunk_id as "trunkId", measure, severity from telephony.alerts
    where org_id = ${orgId} and ban = any(${bans}::text[]) and closed_at is null`.execute(tx)
  return rows
}

/** The same in full, in the order of accounts. */
export const standingAlertsInFull = (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<TelephonyAlertRow[]> =>
  read(
    tx,
    sql<TelephonyAlertRow>`
      select ${columns} from telephony.alerts
      where org_id = ${orgId} and ban = any(${bans}::text[]) and closed_at is null order by ban, id`,
  )

/** Opens alerts, those of which none of their kind stands; one statement. @returns what was opened */
export const openAlerts = async (
  tx: Transaction,
  orgId: string,
  alerts: readonly (NewAlert & { id: string })[],
): Promise<TelephonyAlertRow[]> =>
  alerts.length === 0
    ? []
    : read(
        tx,
        sql<TelephonyAlertRow>`
          insert into telephony.alerts
            (org_id, id, ban, trunk_id, measure, severity, value, bound, "limit", percent, currency, opened_at, due_at)
          select ${orgId}::uuid, a.id, a.ban, a."trunkId", a.measure, a.severity, a.value, a.bound, a."limit", a.percent, a.currency,
            a."openedAt", a."dueAt"
          from jsonb_to_recordset(${JSON.stringify(alerts)}::jsonb) as a(id uuid, ban text, "trunkId" uuid, measure text, severity text,
            value numeric, bound numeric, "limit" numeric, percent integer, currency text, "openedAt" timestamptz, "dueAt" timestamptz)
          order by a.id
          on conflict (org_id, ban, trunk_id, measure, severity) where closed_at is null do nothing
          returning ${columns}`,
      )

/** Closes alerts, those that stand; one statement. @returns what was closed */
export const closeAlerts = async (
  tx: Transaction,
  orgId: string,
  alerts: readonly ClosedAlert[],
  at: Date,
): Promise<TelephonyAlertRow[]> =>
  alerts.length === 0
    ? []
    : read(
        tx,
        sql<TelephonyAlertRow>`
          with over as (select * from jsonb_to_recordset(${JSON.stringify(alerts.map(({ id, value }) => ({ alert_id: id, measured: value })))}::jsonb) as c(alert_id uuid, measured numeric))
          update telephony.alerts a set closed_at = greatest(${at}::timestamptz, a.opened_at), closed_value = over.measured
          from over where a.org_id = ${orgId} and a.id = over.alert_id and a.closed_at is null
          returning ${columns}`,
      )

/** Notes who deals with an alert, the first who says so. @returns the alert, and whether it was noted now */
export const noteAcknowledgement = async (
  tx: Transaction,
  orgId: string,
  id: string,
  { by, at }: { by: string; at: Date },
): Promise<{ alert: TelephonyAlertRow; isNew: boolean } | undefined> => {
  const [noted] = await read(
    tx,
    sql<TelephonyAlertRow>`
      update telephony.alerts set acknowledged_at = ${at}, acknowledged_by = ${by}
      where org_id = ${orgId} and id = ${id} and acknowledged_at is null returning ${columns}`,
  )
  if (noted) return { alert: noted, isNew: true }
  const [held] = await read(
    tx,
    sql<TelephonyAlertRow>`select ${columns} from telephony.alerts where org_id = ${orgId} and id = ${id}`,
  )
  return held && { alert: held, isNew: false }
}

export type AlertState = 'OPEN' | 'CLOSED'

/** Whose alerts are asked for. What is null does not narrow. */
export interface AlertFilter {
  ban: string | null
  trunkId: string | null
  measures: readonly Measure[] | null
  state: AlertState | null
}

const matching = (orgId: string, { ban, trunkId, measures, state }: AlertFilter): RawBuilder<unknown> =>
  sql.join(
    [
      sql`org_id = ${orgId}`,
      ...(ban === null ? [] : [sql`ban = ${ban}`]),
      ...(trunkId === null ? [] : [sql`trunk_id = ${trunkId}`]),
      ...(measures === null ? [] : [sql`measure = any(${measures}::text[])`]),
      ...(state === null ? [] : [state === 'OPEN' ? sql`closed_at is null` : sql`closed_at is not null`]),
    ],
    sql` and `,
  )

/** A page of alerts, newest first. `after` is the id that it goes on behind. */
export const alertsPage = (
  tx: Transaction,
  orgId: string,
  filter: AlertFilter,
  { limit, after }: { limit: number; after: string | null },
): Promise<TelephonyAlertRow[]> =>
  read(
    tx,
    sql<TelephonyAlertRow>`
      select ${columns} from telephony.alerts where ${matching(orgId, filter)}
        and (${after}::uuid is null or id < ${after}::uuid)
      order by id desc limit ${limit}`,
  )

/** How many alerts there are. */
export const countAlerts = async (tx: Transaction, orgId: string, filter: AlertFilter): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::integer as n from telephony.alerts where ${matching(orgId, filter)}`.execute(tx)
  return rows[0]!.n
}

/** Accounts or trunks. */
export type AlertOwnerKind = 'ban' | 'trunk_id'

/** For each owner its page of alerts, newest first; one statement for all owners. */
export const alertsOfOwners = async (
  tx: Transaction,
  orgId: string,
  kind: AlertOwnerKind,
  owners: readonly string[],
  { limit, after, state }: { limit: number; after: string | null; state: AlertState | null },
): Promise<Map<string, TelephonyAlertRow[]>> => {
  const owner = kind === 'ban' ? sql`a.ban = o.id` : sql`a.trunk_id = o.id::uuid`
  const { rows } = await sql<TelephonyAlertRow & { owner: string }>`
    select o.id as owner, x.* from unnest(${owners}::text[]) as o(id), lateral (
      select ${columns} from telephony.alerts a
      where a.org_id = ${orgId} and ${owner} and (${after}::uuid is null or a.id < ${after}::uuid)
        and (${state}::text is null or (a.closed_at is null) = (${state} = 'OPEN'))
      order by a.id desc limit ${limit}
    ) x order by x.id desc`.execute(tx)
  const found = Map.groupBy(rows, (row) => row.owner)
  return new Map([...found].map(([id, all]) => [id, all.map(({ owner: _, ...row }) => exact(row))]))
}

/** How many alerts each owner has; one statement for all owners. */
export const countAlertsOfOwners = async (
  tx: Transaction,
  orgId: string,
  kind: AlertOwnerKind,
  owners: readonly string[],
  state: AlertState | null,
): Promise<Map<string, number>> => {
  const owner = kind === 'ban' ? sql`a.ban = o.id` : sql`a.trunk_id = o.id::uuid`
  const { rows } = await sql<{ id: string; n: number }>`
    select o.id, count(a.id)::integer as n from unnest(${owners}::text[]) as o(id)
    left join telephony.alerts a on a.org_id = ${orgId} and ${owner}
      and (${state}::text is null or (a.closed_at is null) = (${state} = 'OPEN'))
    group by o.id`.execute(tx)
  return new Map(rows.map(({ id, n }) => [id, n]))
}
