import {
  type Account,
  type C3,
  C3_LIMITS,
  type C3Options,
  type Circuit,
  CredentialRejected,
  isOutside,
  openC3,
  openCircuit,
  type Reach,
  type Resolve,
  reachOnly,
  ScopeMissing,
  vendorAnswer,
} from '#connectors/c3/index.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import { idFrom } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { Disconnected, NeedsReauth, ScopesChanged } from '#sync/errors.ts'
import { PgLimiter, type PgLimiterOptions, type RateLimit } from '#sync/limiter.ts'
import { readAddress } from '../domain/address.ts'
import { AddressRefused, KeyChanged } from '../domain/connection-errors.ts'
import { keyPlace } from '../domain/key-place.ts'
import { integrationChanged } from '../domain/telling.ts'
import {
  type IntegrationRow,
  integrationsOf,
  needReauth,
  noteAccount,
  noteLacking,
} from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

const SYSTEM = 'C3'
const REFUSED = 'C3 refuses its key'
/** A person waits, and would rather hear that C3 does not answer. */
const INTERACTIVE_PATIENCE_MS = 5_000

/** A connection of an organisation. */
export interface ConnectionPlace {
  orgId: string
  integrationId: string
}

export interface C3sOptions {
  database: PgLimiterOptions['database']
  vault: Vault
  clock: Clock
  log: Log
  /** Addresses that whoever runs the hub has named: called wherever they are. */
  own?: readonly string[]
  /** What a key may send. Default: what C3 says that it grants. */
  limits?: Readonly<Record<string, RateLimit>> | undefined
  c3?: C3Tuning | undefined
}

/** Tests turn these. */
export type C3Tuning = Partial<Pick<C3Options, 'deadlineMs' | 'patienceMs' | 'pause' | 'random'>> & {
  /** How names become addresses of machines. Default: as the system says. */
  resolve?: Resolve
}

/** Everything of this process that reaches a C3 goes through here: one way to keys, budgets and what is lacking. */
export interface C3s {
  /** The connection's row. @throws HUB_CONNECTION_ENDED when it is not there or was ended */
  connection(place: ConnectionPlace): Promise<IntegrationRow>
  /**
   * A connected C3. It throws HUB_CONNECTION_NEEDS_REAUTH without a call once its key was refused, HUB_CONNECTION_SCOPES_CHANGED when a
   * permission turns out to be missing that was not known to be, and HUB_CONNECTION_KEY_CHANGED when there is another key by now.
   * @param options.interactive a person waits: may use the budget's reserve
   * @param options.limiter the budget to call with, where it is not simply the row's
   */
  open(
    row: IntegrationRow,
    options?: { signal?: AbortSignal; interactive?: boolean; limiter?: C3Options['limiter'] },
  ): Promise<C3>
  /** The calls that C3 grants the key, shared by everything that calls it. */
  budget(row: IntegrationRow): PgLimiter
  /** A C3 by a key that belongs to no connection yet, where `address` has said that it may be called. */
  openWith(ask: { baseUrl: string; apiKey: string; isGuarded: boolean }): C3
  /** Asks C3 whom the connection's key speaks for and what it may do, and notes it. */
  ask(row: IntegrationRow, c3: C3): Promise<Account>
  /** Where somebody says that a C3 is, if it may be called; and whether it has to be looked at each time. @throws HUB_ADDRESS_REFUSED */
  address(asked: string): Promise<{ baseUrl: string; isGuarded: boolean }>
}

/** Opens the way to C3. */
export const openC3s = (options: C3sOptions): C3s => {
  const { database, vault, clock, log, own = [], limits } = options
  const { resolve, ...tuning } = options.c3 ?? {}
  // Whoever has a name may let it lead anywhere, at any moment: every one of its addresses has to be outside whenever it is called.
  const reach: Reach = reachOnly(
    (found) => (isOutside(found) ? undefined : AddressRefused.with({ reason: REASONS.inside })),
    resolve,
  )
  // What is known of a C3 in this process: whether it is well.
  const circuits = new Map<string, Circuit>()
  const circuitOf = (id: string): Circuit => {
    const found = circuits.get(id) ?? openCircuit({ clock, random: Math.random })
    circuits.set(id, found)
    return found
  }
  const limiterOf = (account: string, limits: Readonly<Record<string, RateLimit>>) =>
    new PgLimiter({ database, clock, log, account, limits })

  const find = async ({ orgId, integrationId }: ConnectionPlace) => {
    const [row] = await database.read(orgId, (tx) =>
      integrationsOf(asTransaction(tx), orgId, [integrationId]),
    )
    return row
  }

  /** Writes what was found out about a connection, and tells of it when it is news. */
  const note = (row: IntegrationRow, write: (tx: ReturnType<typeof asTransaction>) => Promise<boolean>) =>
    database.transaction(row.orgId, async (raw) => {
      const tx = asTransaction(raw)
      if (!(await write(tx))) return
      const now = await integrationsOf(tx, row.orgId, [row.id])
      await publish(tx, row.orgId, now.map(integrationChanged), clock.now())
    })

  const address: C3s['address'] = async (asked) => {
    const read = readAddress(asked, own, isOutside)
    if (typeof read === 'string') throw AddressRefused.with({ reason: REASONS[read] })
    if (read.isOwn) return { baseUrl: read.baseUrl, isGuarded: false }
    await new Promise<void>((resolve, reject) => {
      reach(read.host, { all: true }, (error) => {
        if (!error) resolve()
        else reject(isHubError(error) ? error : AddressRefused.with({ reason: 'nobody knows its name' }))
      })
    })
    return { baseUrl: read.baseUrl, isGuarded: true }
  }

  /** What an error of C3's means for the connection: written down where that is news. */
  const judged = async (row: IntegrationRow, error: unknown): Promise<unknown> => {
    if (!CredentialRejected.is(error)) return error
    const { orgId, id: integrationId } = row
    const [permission] = vendorAnswer(error)?.scopes ?? []
    if (permission !== undefined) {
      // What is off already must not be tried again and again.
      if (row.lackingPermissions.includes(permission))
        return ScopeMissing.with({ vendor: SYSTEM, reason: permission }, { cause: error })
      await note(row, (tx) => noteLacking(tx, orgId, integrationId, permission))
      log.warn({ orgId, integrationId, permission }, 'C3 does not permit what it permitted')
      return ScopesChanged.with({ system: SYSTEM, scopes: permission }, { cause: error })
    }
    const now = await find({ orgId, integrationId })
    if (now?.apiKey && now.apiKey !== row.apiKey) return KeyChanged.with(undefined, { cause: error })
    await note(row, (tx) => needReauth(tx, orgId, integrationId, REFUSED, clock.now()))
    log.warn({ orgId, integrationId }, 'C3 refuses a key')
    return NeedsReauth.with({ system: SYSTEM, reason: REFUSED }, { cause: error })
  }

  const watched = (row: IntegrationRow, c3: C3): C3 => {
    const tried = async <T>(asked: Promise<T>): Promise<T> => {
      try {
        return await asked
      } catch (error) {
        throw await judged(row, error)
      }
    }
    return {
      ...c3,
      get requests() {
        return c3.requests
      },
      account: () => tried(c3.account()),
      list: async function* (kind, options) {
        try {
          yield* c3.list(kind, options)
        } catch (error) {
          throw await judged(row, error)
        }
      },
      read: (kind, ids) => tried(c3.read(kind, ids)),
      write: (what, items) => tried(c3.write(what, items)),
      webhook: () => tried(c3.webhook()),
      setWebhook: (wish) => tried(c3.setWebhook(wish)),
      removeWebhook: () => tried(c3.removeWebhook()),
    }
  }

  const shared = { clock, log, random: Math.random }
  const waiting: Partial<C3Options> = { interactive: true, patienceMs: INTERACTIVE_PATIENCE_MS }
  // What C3 grants, it grants a key: whoever calls with it shares that, also before it belongs to a connection.
  const budgetOf = (ask: { baseUrl: string; apiKey: string }, granted: typeof limits = C3_LIMITS) =>
    limiterOf(`c3:${idFrom(ask.baseUrl, ask.apiKey)}`, limits ?? granted)
  const keyOf = ({ orgId, id, apiKey }: IntegrationRow) =>
    apiKey ? vault.open(apiKey, keyPlace(orgId, id)) : ''
  const budget = (row: IntegrationRow) => {
    const { baseUrl, calls: max, callsSeconds: seconds } = row
    const granted = max && seconds ? { requests: { max, intervalMs: seconds * 1000 } } : undefined
    return budgetOf({ baseUrl, apiKey: keyOf(row) }, granted)
  }

  /** A C3 whose word about what it grants counts from the next call on, for everybody who calls with the key. */
  const heeded = (c3: C3, limiter: C3Options['limiter']): C3 => ({
    ...c3,
    get requests() {
      return c3.requests
    },
    account: async () => {
      const told = await c3.account()
      const { requests: max, seconds } = told.limits
      if (!limits) await limiter.observe('requests', { max, intervalMs: seconds * 1000 })
      return told
    },
  })

  return {
    connection: async (place) => {
      const row = await find(place)
      if (!row || row.disconnectedAt) throw Disconnected.with({ system: SYSTEM })
      return row
    },
    open: async (row, { signal, interactive = false, limiter = budget(row) } = {}) => {
      if (!row.apiKey || row.disconnectedAt) throw Disconnected.with({ system: SYSTEM })
      if (row.status === 'NEEDS_REAUTH')
        throw NeedsReauth.with({ system: SYSTEM, reason: row.lastError ?? REFUSED })
      // Names may lead elsewhere by now, which is better known before anything is begun.
      if (row.isGuarded) await address(row.baseUrl)
      const c3 = openC3({
        ...{ ...shared, ...(interactive ? waiting : {}), ...tuning, ...(signal ? { signal } : {}) },
        ...(row.isGuarded ? { reach } : {}),
        baseUrl: row.baseUrl,
        apiKey: keyOf(row),
        circuit: circuitOf(row.id),
        limiter,
      })
      return watched(row, heeded(c3, limiter))
    },
    budget,
    openWith: ({ isGuarded, ...ask }) => {
      const limiter = budgetOf(ask)
      const guard = isGuarded ? { reach } : {}
      return heeded(openC3({ ...shared, ...waiting, ...tuning, ...guard, ...ask, limiter }), limiter)
    },
    ask: async (row, c3) => {
      const told = await c3.account()
      await database.transaction(row.orgId, (tx) =>
        noteAccount(asTransaction(tx), row.orgId, row.id, told, clock.now()),
      )
      return told
    },
    address,
  }
}

const REASONS = {
  'no address': 'it is no address of a web server',
  'not https': 'what is sent there could be read on the way; it has to begin with https://',
  'more than an address': 'it holds more than an address',
  inside: 'it leads into a network of machines, not to the world',
} as const
