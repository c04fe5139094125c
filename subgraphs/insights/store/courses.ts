import { sql } from 'kysely'
import { type CourseRow, type Look, type Standings, windowStart } from '../domain/course.ts'
import { DAY } from '../domain/measuring.ts'
import type { Transaction } from './transaction.ts'

/** The days on which these customers' scores came to stand elsewhere, each as far back as a trend looks from its own moment: one statement. */
export const standingsOf = async (
  tx: Transaction,
  orgId: string,
  looks: readonly Look[],
): Promise<CourseRow[]> => {
  const asked = looks.map(({ customerId, at }) => ({
    customerId,
    at,
    start: new Date(windowStart(at) * DAY),
  }))
  const { rows } = await sql<{ customerId: string; at: string; standings: Standings[] }>`
    select r."customerId", r.at, coalesce(h.standings, '[]') as standings
    from json_to_recordset(${JSON.stringify(asked)}::json) as r("customerId" text, at text, start timestamptz)
    cross join lateral (
      select json_agg(json_build_object('day', d.day, 'score', d.score, 'dimensions', d.dimensions) order by d.day) as standings
      from (
        select distinct on (day) floor(extract(epoch from k.as_of) / 86400)::int as day, k.score, k.dimensions
        from insights.health_history k
        where k.org_id = ${orgId}::uuid and k.customer_id = r."customerId" and k.as_of <= r.at::timestamptz
          and not k.is_undone
          and k.as_of >= coalesce((
            select max(b.as_of) from insights.health_history b
            where b.org_id = ${orgId}::uuid and b.customer_id = r."customerId" and b.as_of < r.start
              and not b.is_undone), r.start)
        order by day, k.as_of desc
      ) d
    ) h`.execute(tx)
  return rows.map((row) => ({ ...row, at: new Date(row.at) }))
}
