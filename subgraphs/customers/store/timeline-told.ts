import { sql } from 'kysely'
import { nameOf, type Sighting } from '../domain/happenings.ts'
import type { Transaction } from './transaction.ts'

/** How accounts, trunks and numbers stood when they were last told of, by name; nobody else changes them until the transaction ends. */
export const toldOf = async (
  tx: Transaction,
  orgId: string,
  asked: readonly Pick<Sighting, 'subject' | 'id'>[],
): Promise<Map<string, Sighting>> => {
  const rows = asked.map(({ subject, id }) => ({ subject, id }))
  const { rows: found } = await sql<{ subject: string; id: string; state: object; observed_at: Date }>`
    select t.subject, t.id, t.state, t.observed_at from customers.timeline_told t
    where t.org_id = ${orgId}::uuid and (t.subject, t.id) in (
      select subject, id from json_to_recordset(${JSON.stringify(rows)}::json) as r(subject text, id text))
    order by t.subject, t.id for update`.execute(tx)
  return new Map(
    found.map(({ subject, id, state, observed_at: at }) => {
      const sighting = { subject, id, state, at: new Date(at).toISOString() } as Sighting
      return [nameOf(sighting), sighting]
    }),
  )
}

/** Keeps how they stand now: one statement. */
export const setTold = async (
  tx: Transaction,
  orgId: string,
  sightings: readonly Sighting[],
): Promise<void> => {
  if (sightings.length === 0) return
  await sql`
    insert into customers.timeline_told (org_id, subject, id, state, observed_at)
    select ${orgId}::uuid, subject, id, state, at
    from json_to_recordset(${JSON.stringify(sightings)}::json) as r(subject text, id text, state jsonb, at timestamptz)
    order by subject, id
    on conflict (org_id, subject, id) do update set state = excluded.state, observed_at = excluded.observed_at`.execute(
    tx,
  )
}
