import { sql } from 'kysely'
import type { CountedPage } from '#service/connection.ts'
import type { Happening } from '../domain/rfq-history.ts'
import type { Transaction } from './transaction.ts'

export type RfqHappeningRow = Happening
export type RfqHistoryConnectionRow = Omit<CountedPage<RfqHappeningRow>, 'count'>

/** Notes what has happened to requests, one statement. @returns the ids of those that were not noted before */
export const noteHappenings = async (
  tx: Transaction,
  orgId: string,
  happenings: readonly Happening[],
): Promise<ReadonlySet<string>> => {
  if (happenings.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`
    insert into inventory.rfq_history (org_id, id, rfq_id, at, kind, by, details)
    select ${orgId}::uuid, h."id", h."rfqId", h."at", h."kind", h."by", h."details"
    from jsonb_to_recordset(${JSON.stringify(happenings)}::jsonb)
      as h("id" uuid, "rfqId" uuid, "at" timestamptz, "kind" text, "by" text, "details" jsonb)
    on conflict (org_id, id) do nothing returning id`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}

/** What has happened under an id; undefined when nothing has. */
export const happeningById = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<Happening | undefined> => {
  const { rows } = await sql<Happening>`
    select id, rfq_id as "rfqId", at, kind, by, details from inventory.rfq_history
    where org_id = ${orgId} and id = ${id}::uuid`.execute(tx)
  return rows[0]
}

/** For each request its page of history, newest first; one statement for all. `after` is (instant, id). */
export const historyPages = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
  page: { limit: number; after: readonly [string, string] | null },
): Promise<Map<string, Happening[]>> => {
  const behind = page.after
    ? sql`and (h.at, h.id) < (${page.after[0]}::timestamptz, ${page.after[1]}::uuid)`
    : sql``
  const { rows } = await sql<Happening>`
    select r.* from unnest(${rfqIds}::uuid[]) as p(id), lateral (
      select h.id, h.rfq_id as "rfqId", h.at, h.kind, h.by, h.details from inventory.rfq_history h
      where h.org_id = ${orgId} and h.rfq_id = p.id ${behind}
      order by h.at desc, h.id desc limit ${page.limit}
    ) r order by r."rfqId", r.at desc, r.id desc`.execute(tx)
  return Map.groupBy(rows, (row) => row.rfqId)
}
