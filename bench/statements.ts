/** How many SQL statements a request costs each subgraph, as PostgreSQL counts them. */
import type pg from 'pg'
import { SUBGRAPHS, type Subgraph } from './hub.ts'

/** Statements of one request, by subgraph. */
export type PerRequest = Record<Subgraph, number>

const REPEATS = 20

/** Lets the server load its statement counter when it starts next. */
export const preloadCounter = async (postgres: pg.Client): Promise<void> => {
  await postgres.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
  await postgres.query(`alter system set pg_stat_statements.track_utility = off`)
  await postgres.query(`alter system set pg_stat_statements.track = none`)
}

/** @returns false when the server has no counter */
export const openCounter = async (postgres: pg.Client): Promise<boolean> => {
  const { rows } = await postgres.query(
    `select 1 from pg_settings where name = 'shared_preload_libraries' and setting like '%pg_stat_statements%'`,
  )
  if (rows.length === 0) return false
  await postgres.query('create extension if not exists pg_stat_statements')
  return true
}

const counting = async (postgres: pg.Client, on: boolean): Promise<void> => {
  await postgres.query(`alter system set pg_stat_statements.track = ${on ? 'top' : 'none'}`)
  await postgres.query('select pg_reload_conf()')
  // Each backend sees a new setting before its next statement.
  await postgres.query('select pg_sleep(0.2)')
}

/**
 * Statements per request, without `begin`, `commit` and the setting of the organisation. What runs less often than once per
 * request is not the request's: workers look for work meanwhile.
 */
export const countPerRequest = async (
  postgres: pg.Client,
  request: () => Promise<void>,
): Promise<PerRequest> => {
  await request()
  await counting(postgres, true)
  await postgres.query('select pg_stat_statements_reset()')
  for (let n = 0; n < REPEATS; n++) await request()
  const { rows } = await postgres.query<{ datname: string; calls: string }>(
    `select d.datname, s.calls from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where s.calls >= $1 and s.query not ilike '%set_config(%'`,
    [REPEATS],
  )
  await counting(postgres, false)
  return Object.fromEntries(
    SUBGRAPHS.map((name) => [
      name,
      rows
        .filter(({ datname }) => datname === `tributary_${name}`)
        .reduce((sum, { calls }) => sum + Math.round(Number(calls) / REPEATS), 0),
    ]),
  ) as PerRequest
}
