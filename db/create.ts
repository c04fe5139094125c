import pg from 'pg'
import { ROLES, type Role, roleName, rolePassword, rowsRole, type Subgraph } from './databases.ts'
import { exclusively, session } from './session.ts'

const { escapeIdentifier: name, escapeLiteral: literal } = pg

/**
 * Makes the roles and the database when they are absent, and sets the roles' passwords.
 * @param options.adminUrl connection of a user with CREATEROLE and CREATEDB, on any database of the server
 */
export const ensureDatabase = (options: {
  adminUrl: string
  subgraph: Subgraph
  secret: string
  name: string
}): Promise<void> =>
  session(options.adminUrl, (client) =>
    // Roles belong to the whole server: two processes altering one at once would fail with "tuple concurrently updated".
    exclusively(client, 'tributary roles and databases', async () => {
      for (const role of ROLES) await ensureRole(client, options.subgraph, role, options.secret)
      await ensureRowsRole(client, options.subgraph)
      await createDatabase(client, options.name, roleName(options.subgraph, 'owner'))
    }),
  )

const ensureRole = async (
  client: pg.Client,
  subgraph: Subgraph,
  role: Role,
  secret: string,
): Promise<void> => {
  const called = name(roleName(subgraph, role))
  const password = literal(rolePassword(subgraph, role, secret))
  const { rows } = await client.query<{ strong: boolean }>(
    'select rolsuper or rolbypassrls as strong from pg_roles where rolname = $1',
    [roleName(subgraph, role)],
  )
  if (!rows[0])
    return void (await client.query(`create role ${called} with login noinherit password ${password}`))
  await client.query(`alter role ${called} with login password ${password}`)
  // Only a superuser may even name these attributes, so they are named only when somebody has given them.
  if (rows[0].strong) await client.query(`alter role ${called} with nosuperuser nobypassrls`)
}

const ensureRowsRole = async (client: pg.Client, subgraph: Subgraph): Promise<void> => {
  const called = rowsRole(subgraph)
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [called])
  if (!rowCount) await client.query(`create role ${name(called)} nologin noinherit`)
  // To be taken on, and not had: what binds it must not bind `app`.
  await client.query(
    `grant ${name(called)} to ${name(roleName(subgraph, 'app'))} with inherit false, set true`,
  )
}

const createDatabase = async (client: pg.Client, database: string, owner: string): Promise<void> => {
  const there = await client.query('select 1 from pg_database where datname = $1', [database])
  if (there.rowCount) return
  const { rows } = await client.query<{ datctype: string }>(
    "select datctype from pg_database where datname = 'template0'",
  )
  // Only a member of a role may give it a database, which a superuser always is.
  await client.query(`grant ${name(owner)} to current_user`)
  // The built-in collation sorts the same on every machine and needs no operating system's locale.
  await client.query(
    `create database ${name(database)} owner ${name(owner)} template template0 encoding 'UTF8'
     locale_provider builtin builtin_locale 'C.UTF-8' lc_collate 'C' lc_ctype ${literal(rows[0]!.datctype)}`,
  )
  await client.query(`revoke all on database ${name(database)} from public`)
}
