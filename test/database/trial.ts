import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Generated } from 'kysely'
import { type Database, type DatabaseOptions, openDatabase } from '#db/client.ts'
import type { DatabaseUrls } from '#db/databases.ts'
import { type MigrateOptions, migrate } from '#db/migrate.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLog } from '#test/kit/log.ts'
import { adminUrl, dropDatabase, TEST_SECRET, temporaryDirectory } from '#test/kit/postgres.ts'

export const ORG_A = '00000000-0000-4000-8000-00000000000a'
export const ORG_B = '00000000-0000-4000-8000-00000000000b'

export interface TrialTables {
  'customers.notes': { id: Generated<number>; org_id: string; text: string }
}

/** A small tenant table as any migration would make it: these tests are about the floor, not about the tables it carries today. */
export const NOTES = `-- customers: notes, for a trial
create table customers.notes (id bigint generated always as identity primary key, org_id uuid not null, text text not null);
alter table customers.notes enable row level security;
alter table customers.notes force row level security;
create policy organisation on customers.notes to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select, insert, update, delete on customers.notes to :app;
`

export interface Trial extends AsyncDisposable {
  name: string
  urls: DatabaseUrls
  database: Database<TrialTables>
  /** Writes a migration file, by its path below the root. */
  write(file: string, text: string): Promise<void>
  migrate(more?: Pick<MigrateOptions, 'tellsTouched'>): Promise<DatabaseUrls>
  /** What `migrate` takes, for another process. */
  migration: { adminUrl: string; secret: string; databaseName: string; root: string }
}

/** A database with migrations of its own, on the run's server or on `server`. */
export const trial = async (
  options: Partial<DatabaseOptions> & { server?: string; files?: Record<string, string> } = {},
): Promise<Trial> => {
  const root = await temporaryDirectory()
  const name = `test_trial_${randomBytes(6).toString('hex')}`
  const migration = {
    adminUrl: options.server ?? adminUrl(),
    secret: TEST_SECRET,
    databaseName: name,
    root: root.path,
  }
  const write = async (file: string, text: string) => {
    const path = join(root.path, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const run: Trial['migrate'] = (more) =>
    migrate({ ...migration, subgraph: 'customers', log: silentLog, clock: systemClock, ...more })
  const files = options.files ?? { 'db/migrations/customers/1-notes.sql': NOTES }
  for (const [file, text] of Object.entries(files)) await write(file, text)
  const urls = await run()
  const database = openDatabase<TrialTables>(urls, { log: silentLog, ...options })
  return {
    name,
    urls,
    database,
    write,
    migrate: run,
    migration,
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]()
      if (!options.server) await dropDatabase(name)
      await root[Symbol.asyncDispose]()
    },
  }
}

/** Adds a note of an organisation. */
export const note = (database: Database<TrialTables>, orgId: string, text: string) =>
  database.transaction(orgId, (tx) =>
    tx.insertInto('customers.notes').values({ org_id: orgId, text }).execute(),
  )

/** The texts that an organisation sees. */
export const notesOf = async (database: Database<TrialTables>, orgId: string): Promise<string[]> => {
  const rows = await database.read(orgId, (tx) =>
    tx.selectFrom('customers.notes').select('text').orderBy('id').execute(),
  )
  return rows.map((row) => row.text)
}
