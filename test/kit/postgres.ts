import { randomBytes } from 'node:crypto'
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
  const database = openDatabase<DB>(urls, { log: silentLog, ...options })
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
