import { C3_LIMITS, openC3 } from '#connectors/c3/index.ts'
import type { Clock } from '#kernel/clock.ts'
import { NotFound } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import type { OpenRun } from '#sync/execute.ts'
import { PgLimiter, type PgLimiterOptions } from '#sync/limiter.ts'
import { keyPlace } from '../domain/key-place.ts'
import { type IntegrationRow, listIntegrations } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'
import { c3Source } from './source.ts'
import { c3Target } from './target.ts'

interface Options {
  database: PgLimiterOptions['database']
  vault: Vault
  clock: Clock
  log: Log
}

/** Opens both ends of a run: the C3 of its connection, and the hub's tables. */
export const openRun = ({ database, vault, clock, log }: Options): OpenRun => {
  const integrationOf = async (orgId: string, id: string): Promise<IntegrationRow> => {
    const all = await database.read(orgId, (tx) => listIntegrations(asTransaction(tx), orgId))
    const found = all.find((integration) => integration.id === id)
    if (!found) throw NotFound.with({ what: 'The connection' })
    return found
  }
  return async (run, signal) => {
    const { baseUrl, apiKey } = await integrationOf(run.orgId, run.connectionId)
    const limiter = new PgLimiter({
      database,
      clock,
      log,
      account: `c3:${run.connectionId}`,
      limits: C3_LIMITS,
    })
    const key = vault.open(apiKey, keyPlace(run.orgId, run.connectionId))
    const c3 = openC3({ baseUrl, apiKey: key, limiter, clock, log, random: Math.random, signal })
    return { source: c3Source(c3), target: c3Target }
  }
}
