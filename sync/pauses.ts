import { sql } from 'kysely'
import { over } from '#db/client.ts'

/** What somebody has paused of a connection: a direction, for one kind of record or for all (`*`). */
export interface KeptPause {
  direction: 'IN' | 'OUT'
  type: string
  paused_at: Date
}

/** A pause, and of which connection. */
export interface PausePlace {
  orgId: string
  integrationId: string
  direction: 'IN' | 'OUT'
  type: string
}

/** The pauses that a subgraph keeps. @param schema where its table `pauses` is */
export const pausesIn = (schema: string) => {
  const table = sql.table(`${schema}.pauses`)
  return {
    /** What is paused of connections, by connection: one statement. */
    pausesOf: async (
      tx: object,
      orgId: string,
      integrationIds: readonly string[],
    ): Promise<Map<string, KeptPause[]>> => {
      const { rows } = await sql<KeptPause & { integration_id: string }>`
        select integration_id, direction, type, paused_at from ${table}
        where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by direction, type`.execute(
        over(tx),
      )
      return Map.groupBy(rows, (row) => row.integration_id)
    },

    /** Pauses a direction for a kind of record, or for all (`*`). @returns whether it was not paused already */
    writePause: async (tx: object, pause: PausePlace, at: Date): Promise<boolean> => {
      const { rows } = await sql<{ type: string }>`
        insert into ${table} (org_id, integration_id, direction, type, paused_at)
        values (${pause.orgId}::uuid, ${pause.integrationId}::uuid, ${pause.direction}, ${pause.type}, ${at}::timestamptz)
        on conflict do nothing returning type`.execute(over(tx))
      return rows.length > 0
    },

    /** Ends pauses of a direction: that of one kind, or every one of them (`*`). @returns how many */
    endPauses: async (tx: object, pause: PausePlace): Promise<number> => {
      const { rows } = await sql<{ type: string }>`
        delete from ${table}
        where org_id = ${pause.orgId}::uuid and integration_id = ${pause.integrationId}::uuid and direction = ${pause.direction}
          and (${pause.type} = '*' or type = ${pause.type}) returning type`.execute(over(tx))
      return rows.length
    },
  }
}
