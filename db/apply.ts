import pg from 'pg'
import { backoff } from '#kernel/backoff.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { type DatabaseUrls, type Role, roleName, type Subgraph } from './databases.ts'
import { codeOf, MigrationRefused } from './errors.ts'
import type { Migration } from './migration-files.ts'
import { rowScopeChanges } from './row-scope.ts'
import { exclusively, session } from './session.ts'
import { touchedChanges } from './touched.ts'

const { escapeIdentifier: name } = pg

// While a migration waits for a lock, everybody who comes later waits behind it: so it waits briefly and comes back.
const LOCK_WAIT_MS = 300
const MOST_TRIES = 60
/** Whose policies are made after every migration, for tables that it made too. */
const ROW_SCOPE = 'db/row-scope.ts'
const TOUCHED = 'db/touched.ts'
const LOCK_NOT_AVAILABLE = '55P03'
const DEADLOCK = '40P01'

interface Target {
  urls: DatabaseUrls
  name: string
  subgraph: Subgraph
  files: readonly Migration[]
  /** Whether tables tell when they are touched. */
  tellsTouched: boolean
  log: Log
  clock: Clock
}

/** Applies what the database does not have yet, one transaction per file, one process at a time. */
export const applyMigrations = (target: Target): Promise<void> =>
  session(target.urls.owner, (client) =>
    exclusively(client, 'tributary migrations', async () => {
      await prepare(client, target.subgraph, target.name)
      const applied = await readApplied(client)
      for (const migration of target.files) {
        const checksum = applied.get(migration.file)
        if (checksum === undefined) await applyWhenFree(client, target, migration)
        else if (checksum !== migration.checksum) throw edited(migration.file, target.name)
      }
      for (const sql of await rowScopeChanges(client, target.subgraph))
        await whenFree(client, target, { file: ROW_SCOPE, sql }, () => changed(client, sql))
      for (const sql of await touchedChanges(client, target.subgraph, target.tellsTouched))
        await whenFree(client, target, { file: TOUCHED, sql }, () => changed(client, sql))
    }),
  )

const prepare = async (client: pg.Client, subgraph: Subgraph, database: string): Promise<void> => {
  const roles = `${name(roleName(subgraph, 'app'))}, ${name(roleName(subgraph, 'relay'))}`
  const schemas = [subgraph, 'events', 'sync', 'service'].map((schema) => name(schema))
  const there = await client.query("select to_regclass('public.migrations') as at")
  if (there.rows[0].at) return
  await client.query(
    `begin;
     grant connect, temporary on database ${name(database)} to ${roles};
     ${schemas.map((schema) => `create schema if not exists ${schema};`).join(' ')}
     grant usage on schema ${schemas.join(', ')} to ${roles};
     create table public.migrations (file text primary key, checksum text not null, applied_at timestamptz not null);
     commit`,
  )
}

const readApplied = async (client: pg.Client): Promise<Map<string, string>> => {
  const { rows } = await client.query<{ file: string; checksum: string }>(
    'select file, checksum from public.migrations',
  )
  return new Map(rows.map((row) => [row.file, row.checksum]))
}

const applyWhenFree = (client: pg.Client, target: Target, migration: Migration): Promise<void> =>
  whenFree(client, target, migration, async () => {
    await apply(client, target, migration)
    target.log.info({ database: target.name, file: migration.file }, 'migrated')
  })

const changed = async (client: pg.Client, sql: string): Promise<void> => {
  await client.query(`begin; set local lock_timeout = ${LOCK_WAIT_MS}; ${sql}; commit`)
}

const whenFree = async (
  client: pg.Client,
  target: Target,
  migration: Pick<Migration, 'file' | 'sql'>,
  apply: () => Promise<void>,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await apply()
      return
    } catch (error) {
      await client.query('rollback')
      const waiting = [LOCK_NOT_AVAILABLE, DEADLOCK].includes(codeOf(error) ?? '')
      if (!waiting) throw failed(migration, target.name, error)
      if (attempt >= MOST_TRIES) throw error
      target.log.info(
        { database: target.name, file: migration.file, attempt },
        'a migration waits for a lock',
      )
      await sleep(backoff(attempt, Math.random(), 200, 2000))
    }
  }
}

const apply = async (client: pg.Client, target: Target, migration: Migration): Promise<void> => {
  await client.query(`begin; set local lock_timeout = ${LOCK_WAIT_MS}`)
  await client.query(withRoles(migration.sql, target.subgraph))
  await client.query('insert into public.migrations (file, checksum, applied_at) values ($1, $2, $3)', [
    migration.file,
    migration.checksum,
    target.clock.now(),
  ])
  await client.query('commit')
}

/** Puts the database's own roles where the file says `:app`, `:relay`, `:owner`; casts (`::`) stay. */
const withRoles = (text: string, subgraph: Subgraph): string =>
  text.replace(/(?<![:\w]):(app|relay|owner)\b/g, (_, role: Role) => name(roleName(subgraph, role)))

const edited = (file: string, database: string) =>
  MigrationRefused.with({
    file,
    database,
    problem: 'was edited after it had been applied',
    fix: 'Put the file back as it was and write a new migration for the change.',
  })

const failed = (migration: Pick<Migration, 'file' | 'sql'>, database: string, cause: unknown) => {
  const position = cause instanceof Error && 'position' in cause ? Number(cause.position) : 0
  const line = position > 0 ? ` at line ${migration.sql.slice(0, position).split('\n').length}` : ''
  return MigrationRefused.with(
    {
      file: migration.file,
      database,
      problem: `failed${line} (${cause instanceof Error ? cause.message : 'unknown'})`,
      fix: 'Nothing of it was applied.',
    },
    { cause },
  )
}
