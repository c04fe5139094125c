import { type HubSpotOptions, openHubSpot } from '#connectors/hubspot/index.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import { NotFound } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import type { OpenRun } from '#sync/execute.ts'
import { PgLimiter, type RateLimit } from '#sync/limiter.ts'
import type { HeldRun } from '#sync/run.ts'
import { tokenPlace } from '../domain/links.ts'
import { type IntegrationRow, integrationsOf, noteIntegration } from '../store/integrations.ts'
import { stagesOf, writePortal } from '../store/portal.ts'
import { RECORD_TYPES } from '../store/records.ts'
import { suppressionKey } from '../store/suppressions.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'
import { admittedOwners } from './admit.ts'
import { factsOf, readSetup } from './setup.ts'
import { hubSpotSource } from './source.ts'
import { customersTarget } from './target.ts'

export interface OpeningOptions {
  database: Rows
  vault: Vault
  clock: Clock
  log: Log
  /** What to assume of a portal's limits until it tells; an empty table: none. */
  limits: Readonly<Record<string, RateLimit>>
  /** Tests turn these. */
  hubspot?: Partial<Pick<HubSpotOptions, 'deadlineMs' | 'patienceMs' | 'random'>>
}

/** What is assumed of a portal: what HubSpot grants the smallest account. */
export const SMALLEST_LIMITS: Readonly<Record<string, RateLimit>> = {
  burst: { max: 100, intervalMs: 10_000 },
  search: { max: 5, intervalMs: 1_000 },
}

/** For how long what a portal told about itself is believed by runs that only read changes. */
const SETUP_VALID_MS = 6 * 3_600_000

const RENEWED_WITHIN_MS = 5000
const LOOK_EVERY_MS = 500

/** Opens a run's portal and our tables: reads what the portal tells about itself when that is old. */
export const openPortalRun =
  (options: OpeningOptions): OpenRun =>
  async (run, signal) => {
    const { database, vault, clock, log, limits } = options
    const integration = await integrationOf(database, run)
    const tokenOf = (row: IntegrationRow) => vault.open(row.token_sealed, tokenPlace(run.orgId, row.id))
    let token = tokenOf(integration)
    // Somebody else renews tokens; whoever was using the old one waits a moment for the new.
    const renewed = async (expired: string) => {
      for (let waited = 0; waited < RENEWED_WITHIN_MS && !signal.aborted; waited += LOOK_EVERY_MS) {
        token = tokenOf(await integrationOf(database, run))
        if (token !== expired) return
        await sleep(LOOK_EVERY_MS, signal)
      }
    }
    const limiter = new PgLimiter({
      database: database as never,
      clock,
      log,
      // A private app's limits are its token's, so two connections with one token share them.
      account: `hubspot:${idFrom(integration.base_url, token)}`,
      limits,
    })
    const hubspot = openHubSpot({
      baseUrl: integration.base_url,
      token: async () => token,
      expired: renewed,
      limiter,
      clock,
      log,
      random: Math.random,
      signal,
      ...options.hubspot,
    })
    const place = { orgId: run.orgId, integrationId: integration.id }
    const age = clock.now().getTime() - (integration.prepared_at?.getTime() ?? 0)
    let { properties, currency, portal_id: portal } = integration
    const key = await database.transaction(run.orgId, (tx) =>
      suppressionKey(tx, run.orgId, vault, clock.now()),
    )
    if (run.mode !== 'INCREMENTAL' || age > SETUP_VALID_MS) {
      const setup = await readSetup(hubspot, place, RECORD_TYPES)
      properties = setup.properties
      currency = setup.currency
      portal = setup.portalId
      const at = clock.now()
      await database.transaction(run.orgId, async (tx) => {
        await writePortal(tx, place, await admittedOwners(tx, key, setup.owners), setup.stages)
        const { portalId } = setup
        await noteIntegration(
          tx,
          run.orgId,
          integration.id,
          { portalId, currency, properties, preparedAt: at },
          at,
        )
      })
    }
    const stages = await database.read(run.orgId, (tx) => stagesOf(tx, place))
    return {
      source: hubSpotSource(hubspot, properties, clock),
      target: customersTarget(factsOf(currency, stages), { portal: portal ?? integration.id, key }),
    }
  }

const integrationOf = async (
  database: Rows,
  run: Pick<HeldRun, 'orgId' | 'connectionId'>,
): Promise<IntegrationRow> => {
  const [row] = await database.read(run.orgId, (tx) =>
    integrationsOf(asTransaction(tx), run.orgId, [run.connectionId]),
  )
  if (!row) throw NotFound.with({ what: 'The connection of this run' })
  return row
}
