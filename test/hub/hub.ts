import Fastify from 'fastify'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import type { DB } from '#db/generated/hub.ts'
import { feedRoutes } from '#events/feed.ts'
import { EventLog } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import { startSequencer } from '#events/sequencer.ts'
import { systemClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal } from '#kernel/principal.ts'
import { type EventPayload, event } from '#schema/events.ts'
import { DEMO_ORGANISATIONS, type HubOptions, startHub } from '#subgraphs/hub/index.ts'
import { silentLog } from '#test/kit/log.ts'
import { type TestDatabase, testDatabase } from '#test/kit/postgres.ts'
import { TEST_KEY } from '#test/kit/subgraph.ts'
import { seal } from '#test/service/graph.ts'

export const [DEMO, EMPTY] = DEMO_ORGANISATIONS.map(({ id }) => id) as [string, string]

export const admin = (orgId = DEMO): Principal => ({ kind: 'user', id: 'demo:admin', orgId, scopes: ['*'] })

type Run = EventPayload<'customers.sync.progressed'>

/** A run as its owner would tell of it. */
export const run = (id: string, changes: Partial<Run> = {}): Run => ({
  id,
  system: 'HUBSPOT',
  integrationId: 'portal-1',
  mode: 'FULL',
  state: 'RUNNING',
  done: 0,
  total: null,
  created: 0,
  updated: 0,
  skipped: 0,
  deleted: 0,
  failed: 0,
  conflicts: 0,
  apiCalls: 0,
  rate: 1.5,
  eta: null,
  requestedAt: '2026-03-01T08:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  error: null,
  types: [{ type: 'companies', done: 0, total: null, complete: false }],
  ...changes,
})

/** A sibling's log, real but for the sibling: what is told here reaches hub over HTTP. */
export const startSibling = async () => {
  const stack = new AsyncDisposableStack()
  const { database } = stack.use(await testDatabase<unknown>('customers'))
  stack.use(startSequencer({ database, log: silentLog, clock: systemClock }))
  const log = stack.use(new EventLog({ database, log: silentLog }))
  const app = Fastify()
  feedRoutes(app, { log, seal })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  stack.defer(() => app.close())
  const tell = (events: ReturnType<typeof event>[], orgId = DEMO) =>
    database.transaction(orgId, (tx) => publish(tx, orgId, events, systemClock.now()))
  return {
    url,
    progress: (runs: Run[], orgId?: string) =>
      tell(
        runs.map((one) => event('customers.sync.progressed', one.id, one)),
        orgId,
      ),
    tell,
    integrations: (changed: EventPayload<'customers.integration.changed'>[], orgId?: string) =>
      tell(
        changed.map((one) => event('customers.integration.changed', one.integrationId, one)),
        orgId,
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** Whether any partner waits to be told something is looked up every second, and whenever it is measured. */
const LOOK = /\bdue_at <= \$/

export interface TestHub extends AsyncDisposable {
  url: string
  db: TestDatabase<DB>
  /** Every statement on hub's own tables while `run` runs, without the looks at whom to tell, which fall at any moment. */
  statementsOf(run: () => Promise<unknown>): Promise<string[]>
}

/** A hub subgraph with a database of its own, following `siblingUrl` for every sibling. */
export const startTestHub = async (
  options: Partial<Pick<HubOptions, 'clock' | 'partners' | 'opsWebhookUrl' | 'log' | 'worker'>> & {
    siblingUrl?: string
    seal?: PrincipalSeal
  } = {},
): Promise<TestHub> => {
  const stack = new AsyncDisposableStack()
  const db = stack.use(await testDatabase<DB>('hub'))
  const statements: string[] = []
  const siblingUrl = options.siblingUrl ?? 'http://127.0.0.1:9'
  const running = stack.use(
    await startHub({
      urls: db.urls,
      port: 0,
      seal: options.seal ?? seal,
      siblings: Object.fromEntries(SUBGRAPHS.map((name) => [name, siblingUrl])) as Record<Subgraph, string>,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLog,
      encryptionKeys: [TEST_KEY],
      partners: options.partners ?? { isInside: true },
      opsWebhookUrl: options.opsWebhookUrl,
      api: true,
      worker: options.worker ?? true,
      demo: true,
      onStatement: (text) => statements.push(text),
    }),
  )
  const statementsOf = async (act: () => Promise<unknown>) => {
    const from = statements.length
    await act()
    return statements.slice(from).filter((text) => /\bhub\.\w|"hub"\./.test(text) && !LOOK.test(text))
  }
  return { url: running.url as string, db, statementsOf, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** Asks hub who somebody is, as the gateway does. */
export const identify = async (url: string, body: unknown, caller?: Principal) => {
  const gateway: Principal = { kind: 'system', id: 'system:gateway', orgId: null, scopes: ['*'] }
  const response = await fetch(`${url}/identify`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [PRINCIPAL_HEADER]: await seal.sign(caller ?? gateway) },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
