/** The five parts of the graph over the real SDL, with small fixed data and a log in a file: for tests of the gateway. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { LoggedEvent } from '#events/event.ts'
import { ExpiredCursor, type Place } from '#events/log.ts'
import { systemClock } from '#kernel/clock.ts'
import { decodeCursor, encodeCursor } from '#kernel/cursor.ts'
import { openLog } from '#kernel/log.ts'
import { type PrincipalSeal, principalSeal } from '#kernel/principal.ts'
import { type RunningSubgraph, startSubgraph } from '#service/server.ts'
import { fromLog, type SubscribableLog } from '#service/subscriptions.ts'

export const SECRET = 'a secret that only this test knows'
export const DEMO = '00000000-0000-4000-8000-000000000001'
export const EMPTY = '00000000-0000-4000-8000-000000000002'
export const API_KEY = 'hub_0123456789abcdefghij'
/** A key that may write. */
export const WRITE_KEY = 'hub_write_0123456789abcdefghij'
export const PART_NAMES = ['customers', 'inventory', 'telephony', 'insights', 'hub'] as const
export type PartName = (typeof PART_NAMES)[number]
export const CUSTOMER_COUNT = 50

const silent = openLog('test', 'silent')

/** A log kept in a file, one line per event, so that it outlives the process that serves it. */
export class FileLog implements SubscribableLog {
  readonly file: string
  /** Positions before it are no longer kept. */
  oldest = 1
  /** Streams under way in this process. */
  followers = 0
  constructor(file: string) {
    this.file = file
  }

  /** Writes events; their positions go on from those that are there. */
  publish(...payloads: { name?: string; orgId?: string; payload: unknown }[]): void {
    let pos = this.#read().length
    const lines = payloads.map(({ name = 'changed', orgId = DEMO, payload }) =>
      JSON.stringify({ pos: ++pos, key: 'k', name, version: 1, orgId, payload }),
    )
    if (lines.length > 0) appendFileSync(this.file, `${lines.join('\n')}\n`)
  }

  async bounds() {
    return { oldest: this.oldest, head: this.#read().length }
  }

  async place() {
    return { position: (await this.bounds()).head }
  }

  async confirm({ position }: Place) {
    if (position + 1 < this.oldest) throw new ExpiredCursor(this.oldest)
    return this.bounds()
  }

  async *follow({
    after,
    orgId,
    signal,
  }: Parameters<SubscribableLog['follow']>[0]): AsyncGenerator<LoggedEvent> {
    let at = after
    this.followers++
    try {
      while (!signal?.aborted) {
        for (const event of this.#read().slice(at)) {
          at = event.pos
          if (event.orgId === orgId) yield { ...event, occurredAt: new Date(0) }
        }
        await wait(10, undefined, signal ? { signal } : {}).catch(() => undefined)
      }
    } finally {
      this.followers--
    }
  }

  #read(): LoggedEvent[] {
    if (!existsSync(this.file)) return []
    const lines = readFileSync(this.file, 'utf8').split('\n')
    // The last line may be half written.
    return lines.slice(0, -1).map((line) => JSON.parse(line))
  }
}

const page = <T>(nodes: T[]) => ({
  nodes,
  edges: nodes.map((node) => ({ node, cursor: 'c' })),
  pageInfo: { endCursor: null, hasNextPage: false, startCursor: null, hasPreviousPage: false },
  totalCount: nodes.length,
})

const at = new Date(0).toISOString()
const customer = (id: string) => ({
  id,
  name: `Company ${id}`,
  kind: 'CUSTOMER',
  identityVersion: 1,
  version: 1,
  c3CustomerIds: [`c3-${id}`],
  bans: [`ban-${id}`],
  contacts: page([{ id: `p-${id}`, firstName: 'Ann', hubspotContactId: '1', updatedAt: at }]),
  deals: page([{ id: `d-${id}`, name: `Deal of ${id}`, stage: 's', pipeline: 'p', isOpen: true }]),
  tickets: page([]),
  identities: [],
  createdAt: at,
  updatedAt: at,
})
const health = (id: string, score: string) => ({
  score,
  confidence: '50',
  coverage: '0.5',
  dimensions: [],
  contributions: [],
  improvements: [],
  recomputing: false,
  customer: { id },
})
const run = (id: string, done: number) => ({
  id,
  system: 'HUBSPOT',
  integrationId: 'i1',
  mode: 'FULL',
  state: 'RUNNING',
  done,
  total: null,
  ...{ created: 0, updated: 0, skipped: 0, deleted: 0, failed: 0, conflicts: 0, apiCalls: 0, rate: 1 },
  ...{ priority: 'ASKED', purpose: 'SYNC', planId: null, hold: null, attempts: 1 },
  requestedAt: at,
  types: [],
})

const log = (id: string, status = 'FAILED') => ({
  id,
  at,
  integrationId: 'i1',
  type: 'companies',
  direction: 'IN',
  operation: 'UPDATE',
  status,
  error: null,
  ...{ records: 1, created: 0, updated: 1, deleted: 0, failed: 0, durationMs: 5 },
})

interface Args {
  id: string
  first: number
  after?: string | null
  filler?: string
}
type Ctx = Parameters<typeof fromLog>[0]
const followed = (toValue: (payload: Record<string, unknown>) => unknown) => ({
  subscribe: (_: unknown, { after }: Args, ctx: Ctx) =>
    fromLog(ctx, {
      names: ['changed'],
      after,
      toValue: (e) => toValue(e.payload as Record<string, unknown>),
    }),
})

const resolvers: Record<PartName, object> = {
  customers: {
    Query: {
      customer: (_: unknown, { id }: Args) => (id.startsWith('c') ? customer(id) : null),
      customers: (_: unknown, { first, after }: Args) => {
        const from = after ? Number(decodeCursor(after, 1)[0]) : 0
        const to = Math.min(from + first, CUSTOMER_COUNT)
        const nodes = Array.from({ length: to - from }, (_x, i) => customer(`c${from + i}`))
        return {
          ...page(nodes),
          pageInfo: { endCursor: encodeCursor([to]), hasNextPage: to < CUSTOMER_COUNT },
        }
      },
      syncLogs: (_: unknown, { filter, first }: Args & { filter?: { status?: string } }) =>
        page(Array.from({ length: Math.min(first, 3) }, (_x, i) => log(`l${i}`, filter?.status))),
      deal: () => {
        throw new Error('a secret of the database')
      },
    },
    Mutation: {
      startHubSpotSync: (_: unknown, { integrationId }: { integrationId?: string }) =>
        integrationId === 'none'
          ? {
              __typename: 'Missing',
              code: 'NOT_FOUND',
              message: 'The connection was not found. Check its id.',
            }
          : {
              __typename: 'SyncStarted',
              run: run('r1', 0),
              receipt: { position: encodeCursor(['customers', 1]) },
            },
      cancelSync: () => ({
        __typename: 'Invalid',
        code: 'INVALID',
        message: 'It has ended.',
        field: 'runId',
      }),
    },
    Customer: { __resolveReference: ({ id }: Args) => customer(id) },
    Subscription: {
      customerChanged: followed(({ id, filler }) => ({ ...customer(String(id)), website: filler })),
    },
  },
  inventory: {
    Customer: {
      rfqs: ({ c3CustomerIds }: { c3CustomerIds: string[] }) =>
        page(
          c3CustomerIds.map((id) => ({
            id: `r-${id}`,
            number: `RFQ ${id}`,
            status: 'OPEN',
            account: { id },
          })),
        ),
    },
    C3Account: { __resolveReference: (account: object) => ({ ...account, name: 'Account' }) },
  },
  telephony: {
    Customer: {
      trunks: ({ bans }: { bans: string[] }) =>
        page(bans.map((ban) => ({ id: `t-${ban}`, name: `Trunk of ${ban}`, status: 'ACTIVE' }))),
      billingAccounts: ({ bans }: { bans: string[] }) =>
        bans.map((ban) => ({
          ban,
          name: 'Account',
          status: 'ACTIVE',
          tier: 'GROWTH',
          mrr: { amount: '1', currency: 'USD' },
        })),
    },
  },
  insights: {
    Query: { portfolio: () => page([health('c1', '10')]) },
    Customer: { health: ({ id }: Args) => health(id, '70') },
    Subscription: {
      healthChanged: followed(({ id, score }) => health(String(id), String(score))),
    },
  },
  hub: {
    Query: {
      viewer: (
        _: unknown,
        _args: unknown,
        { principal }: { principal: { id: string; scopes: string[] } },
      ) => ({
        id: principal.id,
        name: 'Somebody',
        kind: 'USER',
        roles: ['ADMIN'],
        scopes: principal.scopes,
        organisation: { id: DEMO, slug: 'demo', name: 'Demo', timeZone: 'UTC' },
      }),
      syncRuns: () => page([run('r1', 7)]),
    },
    Subscription: { syncEvents: followed(({ id, done }) => run(String(id), Number(done))) },
  },
}

const SCOPES: Record<string, string[]> = {
  admin: ['*'],
  writer: ['sync:read', 'sync:write'],
  readonly: ['customers:read', 'inventory:read', 'telephony:read', 'insights:read', 'sync:read'],
}

/** Keys that were taken back while a test runs. */
export const revoked = new Set<string>()

const identify = (app: FastifyInstance, seal: PrincipalSeal) => {
  app.post('/confirmations', async (_, reply) => reply.code(204).send())
  app.post('/identify', async (request, reply) => {
    const system = await seal.verify(request.headers['x-hub-principal'] as string)
    if (system.kind !== 'system') return reply.code(401).send({})
    const body = request.body as {
      apiKey?: string
      user?: { id: string; org: string; roles: string[]; name: string }
    }
    const organisation = { id: DEMO, slug: 'demo', name: 'Demo' }
    if (body.apiKey) {
      const keys: Record<string, string[] | undefined> = {
        [API_KEY]: SCOPES.readonly,
        [WRITE_KEY]: SCOPES.writer,
      }
      const scopes = revoked.has(body.apiKey) ? undefined : keys[body.apiKey]
      if (!scopes) return reply.code(401).send({})
      const principal = { kind: 'key', id: 'key-1', orgId: DEMO, scopes }
      return { principal, name: 'A key', roles: [], organisation }
    }
    const { id, org, roles, name } = body.user!
    if (!['demo', 'empty'].includes(org) || revoked.has(id)) return reply.code(403).send({})
    const orgId = org === 'demo' ? DEMO : EMPTY
    const scopes = roles.flatMap((role) => SCOPES[role] ?? [])
    return {
      principal: { kind: 'user', id, orgId, scopes },
      name,
      roles,
      organisation: { ...organisation, id: orgId, slug: org },
    }
  })
}

/** Starts one part on a port (0: any), over the log in a file. @param as resolvers that stand in for the usual ones */
export const startPart = async (
  name: PartName,
  { port = 0, log, as = resolvers[name] }: { port?: number; log: FileLog; as?: object },
): Promise<RunningSubgraph> => {
  const seal = principalSeal(SECRET, systemClock)
  return startSubgraph({
    name,
    port,
    resolvers: as,
    context: () => ({}),
    routes: (app) => {
      if (name === 'hub') identify(app, seal)
    },
    eventLog: log,
    seal,
    log: silent,
    clock: systemClock,
  })
}
