import { type RawBuilder, sql } from 'kysely'
import { over } from '#db/client.ts'

/** What is noted of how a run of a connection ended. */
export interface RunNote {
  at: Date
  /** It has brought everything that it should. */
  isThrough: boolean
  error: string | null
}

/**
 * What the engine notes on connections, in whichever table they are: with the columns org_id, id, status, wanted_run, last_sync_at,
 * sync_count, last_error, last_error_at, base_url, disconnected_at and created_at.
 * @param more what else is set whenever a row changes
 */
export const keptConnections = (
  table: string,
  { more = () => sql`` }: { more?: (at: Date) => RawBuilder<unknown> } = {},
) => {
  const rows = sql.table(table)
  const one = (orgId: string, id: string) => sql`org_id = ${orgId}::uuid and id = ${id}::uuid`
  return {
    /**
     * The organisation's connection to an account of another system, and nobody else makes one until the transaction ends.
     * @param account by the column that names it; `lock` is what everybody who makes one calls such accounts
     */
    lockAccount: async (
      tx: object,
      orgId: string,
      account: { lock: string; column: string; id: string; baseUrl: string },
    ): Promise<string | undefined> => {
      const { lock, column, id, baseUrl } = account
      await sql`select pg_advisory_xact_lock(hashtextextended(${`${lock} ${orgId} ${id}`}, 0))`.execute(
        over(tx),
      )
      const { rows: found } = await sql<{ id: string }>`
        select id from ${rows} where org_id = ${orgId}::uuid and ${sql.ref(column)} = ${id} and base_url = ${baseUrl}
        order by disconnected_at nulls first, created_at, id limit 1`.execute(over(tx))
      return found[0]?.id
    },

    /** Notes which run is to follow the one under way; null: none. A reconcile is not talked down to less. */
    wantRun: async (
      tx: object,
      orgId: string,
      id: string,
      mode: 'INCREMENTAL' | 'RECONCILE' | null,
    ): Promise<void> => {
      await sql`
        update ${rows} set wanted_run = case when ${mode}::text is not null and wanted_run = 'RECONCILE' then wanted_run else ${mode} end
        where ${one(orgId, id)}`.execute(over(tx))
    },

    /** Notes how a run ended: one that is through moves the date and forgives what went wrong, a failed one says why. */
    noteSync: async (
      tx: object,
      run: { orgId: string; connectionId: string },
      { at, isThrough, error }: RunNote,
    ): Promise<void> => {
      await sql`
        update ${rows} set
          last_sync_at = case when ${isThrough}::boolean then ${at}::timestamptz else last_sync_at end,
          sync_count = sync_count + ${isThrough ? 1 : 0},
          last_error = coalesce(${error}, case when ${isThrough}::boolean then null else last_error end),
          last_error_at = case when ${error}::text is not null then ${at}::timestamptz
            when ${isThrough}::boolean then null else last_error_at end ${more(at)}
        where ${one(run.orgId, run.connectionId)}`.execute(over(tx))
    },

    /** Somebody has to let it in anew. @returns whether that is news: however many find out, one tells */
    needReauth: async (tx: object, orgId: string, id: string, reason: string, at: Date): Promise<boolean> => {
      const { rows: changed } = await sql`
        update ${rows} set status = 'NEEDS_REAUTH', last_error = ${reason}, last_error_at = ${at}::timestamptz ${more(at)}
        where ${one(orgId, id)} and status <> 'NEEDS_REAUTH' returning id`.execute(over(tx))
      return changed.length > 0
    },
  }
}
