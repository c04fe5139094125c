import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What a record says, by field. */
type Fields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Keeps what requests said until now: one statement. */
export const keepVersions = async (
  tx: Transaction,
  { orgId, connectionId }: { orgId: string; connectionId: string },
  versions: readonly { id: string; held: Fields }[],
  at: Date,
): Promise<void> => {
  if (versions.length === 0) return
  await sql`
    insert into inventory.rfq_versions (org_id, rfq_id, connection_id, valid_to, held)
    select ${orgId}::uuid, v.id, ${connectionId}::uuid, ${at}::timestamptz, v.held
    from jsonb_to_recordset(${JSON.stringify(versions)}::jsonb) as v(id uuid, held jsonb)
    on conflict (org_id, rfq_id, valid_to) do nothing`.execute(tx)
}

/** What requests said before they were first changed in a span of time, one statement. Those that were not are absent. */
export const versionsBefore = async (
  tx: Transaction,
  ids: readonly string[],
  { from, until }: { from: Date; until: Date },
): Promise<Map<string, Fields>> => {
  const { rows } = await sql<{ id: string; held: Fields }>`
    select distinct on (rfq_id) rfq_id as id, held from inventory.rfq_versions
    where rfq_id = any(${ids}::uuid[]) and valid_to between ${from}::timestamptz and ${until}::timestamptz
    order by rfq_id, valid_to`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.held]))
}
