import { randomBytes } from 'node:crypto'
import type { Client } from 'pg'
import { inject } from 'vitest'
import { type Database, type DatabaseOptions, openDatabase } from '#db/client.ts'
import { type DatabaseUrls, databaseUrls, roleName, type Subgraph } from '#db/databases.ts'
import { migrate } from '#db/migrate.ts'
import { exclusively, session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLog } from './log.ts'

export { type TestServer, temporaryDirectory, testServer } from './server.ts'

/** The hub secret of tests. */
export const TEST_SECRET = 'a secret for tests only'

/** The superuser's connection string of the run's PostgreSQL server: what DATABASE_URL would be for a hub under test. */
export const adminUrl = (): string => inject('adminUrl')

export interface TestDatabase<DB> extends AsyncDisposable {
  name: string
  urls: DatabaseUrls
  /** The superuser's connection string of this database: it passes row level security. */
  adminUrl: string
  database: Database<DB>
}

/** For what a test asks of a database itself: it waits for a busy machine longer than the product would. */
export const PATIENT = { log: silentLog, waitMs: 30_000 }

/** A migrated database of one subgraph for one test, cloned in some 30 ms and dropped afterwards. */
export const testDatabase = async <DB>(
  subgraph: Subgraph,
  options: Partial<DatabaseOptions> = {},
): Promise<TestDatabase<DB>> => {
  const template = await templateOf(subgraph)
  const name = `test_${subgraph}_${randomBytes(6).toString('hex')}`
  await session(adminUrl(), (client) =>
    client.query(
      `create database ${name} template ${template} strategy file_copy owner ${roleName(subgraph, 'owner')}`,
    ),
  )
  const urls = databaseUrls(adminUrl(), subgraph, TEST_SECRET, name)
  const database = openDatabase<DB>(urls, { ...PATIENT, ...options })
  const ofThis = new URL(adminUrl())
  ofThis.pathname = `/${name}`
  return {
    name,
    urls,
    adminUrl: ofThis.href,
    database,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]()
      await dropDatabase(name)
    },
  }
}

/** Keeps a database as it is now. @returns what puts it back: whoever is connected then loses the connection */
export const backUp = async (name: string): Promise<AsyncDisposable & { restore(): Promise<void> }> => {
  const copy = `${name}_backup`
  const alone = (run: (client: Client) => Promise<unknown>) =>
    session(adminUrl(), async (client) => {
      // Nobody may come in between the moment all are sent away and the copy.
      await client.query(`alter database ${name} with allow_connections false`)
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
      await run(client)
    })
  await alone(async (client) => {
    await client.query(`create database ${copy} template ${name} strategy file_copy`)
    await client.query(`alter database ${name} with allow_connections true`)
  })
  return {
    restore: () =>
      alone(async (client) => {
        const { rows } = await client.query(
          `select pg_get_userbyid(datdba) as owner from pg_database where datname = $1`,
          [name],
        )
        await client.query(`drop database ${name} with (force)`)
        await client.query(
          `create database ${name} template ${copy} strategy file_copy owner ${rows[0].owner}`,
        )
      }),
    [Symbol.asyncDispose]: () => dropDatabase(copy),
  }
}

/** Drops a database, with whoever is still connected. */
export const dropDatabase = async (name: string): Promise<void> => {
  await session(adminUrl(), (client) => client.query(`drop database if exists ${name} with (force)`))
}

/** The migrated template of a subgraph, made by whichever worker comes first. One that takes connections is unfinished. */
const templateOf = async (subgraph: Subgraph): Promise<string> => {
  const name = `template_${subgraph}`
  await session(adminUrl(), async (client) => {
    const isReady = async () => {
      const { rows } = await client.query('select datallowconn from pg_database where datname = $1', [name])
      return rows[0]?.datallowconn === false
    }
    if (await isReady()) return
    await exclusively(client, `tributary test ${name}`, async () => {
      if (await isReady()) return
      await client.query(`drop database if exists ${name} with (force)`)
      await migrate({
        adminUrl: adminUrl(),
        subgraph,
        secret: TEST_SECRET,
        log: silentLog,
        clock: systemClock,
        databaseName: name,
      })
      await client.query(`alter database ${name} with allow_connections false`)
    })
  })
  return name
}
