import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { applyMigrations } from './apply.ts'
import { ensureDatabase } from './create.ts'
import { type DatabaseUrls, databaseNameOf, databaseUrls, type Subgraph } from './databases.ts'
import { fromDatabase } from './errors.ts'
import { migrationsOf } from './migration-files.ts'

export interface MigrateOptions {
  /** A user that may create roles and databases. */
  adminUrl: string
  subgraph: Subgraph
  /** The hub's own secret, from which the roles' passwords are derived. */
  secret: string
  log: Log
  clock: Clock
  /** Another database of the same shape, such as a test's template. */
  databaseName?: string
  /** Whether tables tell when they are touched, for gateways that keep answers. Default: they do not. */
  tellsTouched?: boolean | undefined
  /** Where the floors lie. Default: this checkout. */
  root?: string
}

/**
 * Makes a subgraph's database what this code needs: roles and database when absent, then every migration once, in order.
 * Safe to run from many processes at once, and under traffic: a migration waits for a lock at most 0.3 s at a time.
 * @returns the connection strings of the roles
 * @throws HUB_MIGRATION_REFUSED when an applied file was edited, HUB_UNAVAILABLE when the server is down
 */
export const migrate = async (options: MigrateOptions): Promise<DatabaseUrls> => {
  const { adminUrl, subgraph, secret, log, clock, tellsTouched = false } = options
  const name = options.databaseName ?? databaseNameOf(subgraph)
  const urls = databaseUrls(adminUrl, subgraph, secret, name)
  try {
    await ensureDatabase({ adminUrl, subgraph, secret, name })
    await applyMigrations({
      urls,
      name,
      subgraph,
      log,
      clock,
      tellsTouched,
      files: await migrationsOf(subgraph, options.root),
    })
    return urls
  } catch (error) {
    throw fromDatabase(error)
  }
}
