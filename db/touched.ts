/**
 * Tables that tell when they are touched: a trigger on each, once for a statement, that notifies whoever listens when the
 * transaction commits. Where no gateway keeps answers, there are none, and writing costs what it costs without them.
 */
import { sql } from 'kysely'
import type { Database } from './client.ts'
import { roleName, type Subgraph } from './databases.ts'
import { unread } from './reading.ts'

/** Told `<organisation> <schema.table>` for each table that a transaction has touched; `*` for all organisations. */
export const TOUCHED_CHANNEL = 'touched'
/** Told instead when it is other tables that tell from now on. */
export const OTHERS_TELL = 'others'

const TRIGGER = 'tell_touched'

/**
 * Tables that can tell: those with rows of their own. Partitions come and go without any statement that a trigger would see; the
 * event log tells by itself.
 */
const CAN_TELL = `
  select format('%I.%I', n.nspname, c.relname) as name, t.oid is not null as tells
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  left join pg_trigger t on t.tgrelid = c.oid and t.tgname = '${TRIGGER}'
  where c.relkind = 'r' and not c.relispartition and n.nspname !~ '^(pg_|information_schema$|pgboss|public$|events$)'
  order by 1`

/** A session of the app role writes rows of the organisation that it is set to, and no others: the tables see to that. */
const functionOf = (subgraph: Subgraph): string => `
  create or replace function events.${TRIGGER}() returns trigger language plpgsql as $$
  begin
    perform pg_notify('${TOUCHED_CHANNEL}', case when session_user = '${roleName(subgraph, 'app')}'
      then coalesce(nullif(current_setting('hub.org_id', true), ''), '*') else '*' end
      || ' ' || format('%I.%I', tg_table_schema, tg_table_name));
    return null;
  end $$;`

/** The statements after which a database's tables tell when they are touched, or do not any more; none when it is so. */
export const touchedChanges = async (
  client: { query(sql: string): Promise<{ rows: unknown[] }> },
  subgraph: Subgraph,
  tells: boolean,
): Promise<string[]> => {
  const tables = (await client.query(CAN_TELL)).rows as { name: string; tells: boolean }[]
  const others = tables.filter((table) => table.tells !== tells)
  if (others.length === 0) return []
  const changes = others.map(({ name }) =>
    tells
      ? `create trigger ${TRIGGER} after insert or update or delete or truncate on ${name} for each statement execute function events.${TRIGGER}()`
      : `drop trigger ${TRIGGER} on ${name}`,
  )
  return [
    ...(tells ? [functionOf(subgraph)] : []),
    ...changes,
    `select pg_notify('${TOUCHED_CHANNEL}', '${OTHERS_TELL}')`,
  ]
}

/** The names of all tables that tell. */
export const tellingTables = (database: Database<unknown>): Promise<string[]> =>
  unread(() =>
    database.relay(async (tx) => {
      const { rows } = await sql<{ name: string; tells: boolean }>`${sql.raw(CAN_TELL)}`.execute(tx)
      return rows.flatMap(({ name, tells }) => (tells ? [name] : []))
    }),
  )

/** Names of tables by PostgreSQL's numbers. A number never becomes another table's, so each is asked for once. */
export class TableNames {
  readonly #database: Database<unknown>
  readonly #known = new Map<number, string | null>()

  constructor(database: Database<unknown>) {
    this.#database = database
  }

  /** The names of those that hold rows; views and indexes are left out, since what they show is in tables that are there too. */
  async of(relations: Iterable<number>): Promise<string[]> {
    const asked = [...relations]
    const unknown = asked.filter((relation) => !this.#known.has(relation))
    if (unknown.length > 0) await this.#learn(unknown)
    return asked.flatMap((relation) => this.#known.get(relation) ?? [])
  }

  #learn(relations: readonly number[]): Promise<void> {
    return unread(() =>
      this.#database.relay(async (tx) => {
        const { rows } = await sql<{ relation: number; name: string; holds: boolean }>`
          select c.oid::int8 as relation, format('%I.%I', n.nspname, c.relname) as name,
            c.relkind not in ('v', 'i', 'I', 't', 'c') as holds
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where c.oid = any(${relations}::oid[])`.execute(tx)
        // One that is gone already was somebody's temporary table: no name tells of it.
        for (const relation of relations) this.#known.set(relation, `gone.${relation}`)
        for (const { relation, name, holds } of rows) this.#known.set(Number(relation), holds ? name : null)
      }),
    )
  }
}
