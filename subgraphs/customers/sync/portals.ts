import {
  type HubSpot,
  type HubSpotOAuth,
  type HubSpotOptions,
  OAUTH_LIMITS,
  openHubSpot,
  ScopeMissing,
} from '#connectors/hubspot/index.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { Disconnected, NeedsReauth, ScopesChanged } from '#sync/errors.ts'
import { type BucketState, PgLimiter, type RateLimit } from '#sync/limiter.ts'
import { integrationChanged } from '../domain/telling.ts'
import { type IntegrationRow, integrationsOf, noteLacking } from '../store/integrations.ts'
import type { Rows } from '../store/transaction.ts'
import { openProvisioner, type Provisioner } from './provisioner.ts'
import { type ConnectionPlace, openTokens, type Tokens } from './tokens.ts'

/** A person waits, and would rather hear that HubSpot does not answer. */
const INTERACTIVE_PATIENCE_MS = 15_000
/** Kinds of record that are tried to learn what a token may read. */
const BUCKETS = ['burst', 'search', 'daily']
const PROBED = ['companies', 'contacts', 'deals', 'tickets']

/** Tests turn these. */
export type PortalTuning = Partial<Pick<HubSpotOptions, 'deadlineMs' | 'patienceMs' | 'random'>>

export interface PortalsOptions {
  database: Rows
  vault: Vault
  clock: Clock
  log: Log
  /** What to assume of a private app's limits until the portal tells; an empty table: none, for apps of any kind. */
  limits: Readonly<Record<string, RateLimit>>
  /** How to sign in at an address as our app; undefined when the hub has none. */
  signIn?: ((baseUrl: string) => HubSpotOAuth) | undefined
  /** Where new connections lead, and whether people come back from HubSpot over TLS. */
  door?: { baseUrl: string; isSecure: boolean }
  /** Of our app: opens what its timeline events look like. */
  developer?: HubSpotOptions['developer'] | undefined
  hubspot?: PortalTuning | undefined
}

/** Everything of this process that reaches HubSpot goes through here: one way to tokens, budgets and what is lacking. */
export interface Portals extends AsyncDisposable {
  readonly tokens: Tokens
  /** How to sign in at an address as our app; undefined when the hub has none. */
  readonly signIn: ((baseUrl: string) => HubSpotOAuth) | undefined
  readonly door: { baseUrl: string; isSecure: boolean }
  /** Whether the hub can say what the timeline events of its app look like. */
  readonly hasDeveloper: boolean
  /** The connection's row. @throws HUB_CONNECTION_ENDED when it is not there or was ended */
  connection(place: ConnectionPlace): Promise<IntegrationRow>
  /**
   * A connected portal. It throws HUB_CONNECTION_NEEDS_REAUTH without a call once credentials were refused, and
   * HUB_CONNECTION_SCOPES_CHANGED when a scope turns out to be missing that was not known to be.
   * @param options.interactive a person waits: may use the budget's reserve
   * @param options.limiter the budget to call with, where it is not simply the row's
   */
  open(
    row: IntegrationRow,
    options?: { signal?: AbortSignal; interactive?: boolean; limiter?: HubSpotOptions['limiter'] },
  ): Promise<HubSpot>
  /** A portal by a token that belongs to no connection yet. */
  openWith(portal: { baseUrl: string; token: string }): HubSpot
  /** Tries what a token may read where nobody tells: one small request per kind. What is refused is noted as lacking. */
  probe(row: IntegrationRow): Promise<void>
  /** What looks at what a portal has of what the hub writes there, and makes what it lacks, while somebody waits. */
  provisioner(row: IntegrationRow): Promise<Provisioner>
  /** The calls that the portal allows us, shared by everything that calls it. */
  budget(row: IntegrationRow): Promise<PgLimiter>
  /** What is known of that budget now, without asking HubSpot. Empty while nobody is signed in. */
  rates(row: IntegrationRow): Promise<BucketState[]>
}

/** Opens the way to HubSpot. */
export const openPortals = (options: PortalsOptions): Portals => {
  const { database, clock, log, limits, signIn } = options
  const tokens = openTokens(options)
  const limiterOf = (account: (bucket: string) => string, known: Readonly<Record<string, RateLimit>>) =>
    new PgLimiter({ database: database as never, clock, log, account, limits: known })

  // HubSpot counts an app that was installed by consent per portal, a private app by itself; searches and days per portal.
  const accountOf = async (row: IntegrationRow) => {
    const place = { orgId: row.org_id, integrationId: row.id }
    const portal = row.portal_id ? `hubspot:${idFrom(row.base_url, 'portal', row.portal_id)}` : undefined
    const own =
      row.mode === 'OAUTH' && portal
        ? `${portal}:app`
        : `hubspot:${idFrom(row.base_url, await tokens.current(place))}`
    return (bucket: string) => (bucket === 'burst' ? own : (portal ?? own))
  }
  const budget = async (row: IntegrationRow): Promise<PgLimiter> => {
    const isLimited = Object.keys(limits).length > 0
    return limiterOf(await accountOf(row), row.mode === 'OAUTH' && isLimited ? OAUTH_LIMITS : limits)
  }
  const { developer } = options
  const shared = { clock, log, random: Math.random, ...(developer ? { developer } : {}), ...options.hubspot }

  const lacks = (row: IntegrationRow) => async (scopes: readonly string[], error: Error) => {
    const isKnown = scopes.every((scope) => row.lacking_scopes.includes(scope))
    // Without a name nothing can be switched off, and what is off already must not be tried again and again.
    if (scopes.length === 0 || isKnown) return error
    await database.transaction(row.org_id, async (tx) => {
      if (!(await noteLacking(tx, row.org_id, row.id, scopes, clock.now()))) return
      const now = await integrationsOf(tx, row.org_id, [row.id])
      await publish(tx, row.org_id, now.map(integrationChanged), clock.now())
    })
    log.warn({ orgId: row.org_id, integrationId: row.id, scopes }, 'HubSpot does not grant what was granted')
    return ScopesChanged.with({ system: 'HubSpot', scopes: scopes.join(', ') }, { cause: error })
  }

  const open: Portals['open'] = async (row, { signal, interactive = false, limiter } = {}) => {
    const place = { orgId: row.org_id, integrationId: row.id }
    return openHubSpot({
      ...shared,
      baseUrl: row.base_url,
      token: () => tokens.current(place),
      expired: (token) => tokens.expired(place, token, signal),
      rejected: (token) => tokens.rejected(place, token),
      lacks: lacks(row),
      limiter: limiter ?? (await budget(row)),
      interactive,
      ...(interactive ? { patienceMs: INTERACTIVE_PATIENCE_MS } : {}),
      ...(row.time_zone ? { timeZone: row.time_zone } : {}),
      ...(signal ? { signal } : {}),
    })
  }

  return {
    tokens,
    signIn,
    door: options.door ?? { baseUrl: '', isSecure: false },
    hasDeveloper: developer !== undefined,
    connection: async ({ orgId, integrationId }) => {
      const [row] = await database.read(orgId, (tx) => integrationsOf(tx, orgId, [integrationId]))
      if (!row || row.disconnected_at) throw Disconnected.with({ system: 'HubSpot' })
      return row
    },
    open,
    openWith: ({ baseUrl, token }) =>
      openHubSpot({
        ...shared,
        baseUrl,
        token: async () => token,
        limiter: limiterOf(() => `hubspot:${idFrom(baseUrl, token)}`, limits),
        interactive: true,
        patienceMs: INTERACTIVE_PATIENCE_MS,
      }),
    probe: async (row) => {
      const hubspot = await open(row, { interactive: true })
      await hubspot.account()
      const looks = [
        () => hubspot.owners(),
        ...PROBED.map((type) => () => hubspot.list(type, { limit: 1 })[Symbol.asyncIterator]().next()),
      ]
      for (const look of looks)
        await look().catch((error: unknown) => {
          if (!ScopesChanged.is(error) && !ScopeMissing.is(error)) throw error
        })
    },
    provisioner: async (row) => openProvisioner(await open(row, { interactive: true })),
    budget,
    rates: async (row) => {
      try {
        return await (await budget(row)).state(BUCKETS)
      } catch (error) {
        if (NeedsReauth.is(error) || Disconnected.is(error)) return []
        throw error
      }
    },
    [Symbol.asyncDispose]: () => tokens[Symbol.asyncDispose](),
  }
}
