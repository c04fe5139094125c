import { sql } from 'kysely'
import type { Pause } from '../domain/settings.ts'
import type { Transaction } from './transaction.ts'

/** What is paused of connections, by connection: one statement. */
export const pausesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, Pause[]>> => {
  const { rows } = await sql<Pause & { integration_id: string }>`
    select integration_id, direction, type, paused_at from customers.pauses
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by direction, type`.execute(
    tx,
  )
  return Map.groupBy(rows, (row) => row.integration_id)
}

/** Pauses a direction for a kind of record, or for all (`*`). @returns whether it was not paused already */
export const writePause = async (
  tx: Transaction,
  pause: { orgId: string; integrationId: string; direction: 'IN' | 'OUT'; type: string },
  at: Date,
): Promise<boolean> => {
  const { rows } = await sql<{ type: string }>`
    insert into customers.pauses (org_id, integration_id, direction, type, paused_at)
    values (${pause.orgId}::uuid, ${pause.integrationId}::uuid, ${pause.direction}, ${pause.type}, ${at}::timestamptz)
    on conflict do nothing returning type`.execute(tx)
  return rows.length > 0
}

/** Ends pauses of a direction: that of one kind, or every one of them (`*`). @returns how many */
export const endPauses = async (
  tx: Transaction,
  pause: { orgId: string; integrationId: string; direction: 'IN' | 'OUT'; type: string },
): Promise<number> => {
  const { rows } = await sql<{ type: string }>`
    delete from customers.pauses
    where org_id = ${pause.orgId}::uuid and integration_id = ${pause.integrationId}::uuid and direction = ${pause.direction}
      and (${pause.type} = '*' or type = ${pause.type}) returning type`.execute(tx)
  return rows.length
}
