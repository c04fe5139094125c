/** A gateway and a customers subgraph that nobody has connected yet, before a simulated HubSpot with several portals. */

import {
  DEMO_CLIENT_ID,
  DEMO_CLIENT_SECRET,
  DEMO_PORTAL,
  DEMO_TOKEN,
  startHubSpotSimulator,
} from '#connectors/hubspot/simulator/index.ts'
import type { DB } from '#db/generated/customers.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { type Clock, systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { type CustomersOptions, startCustomers } from '#subgraphs/customers/index.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { ORG, TEST_KEY } from '#test/kit/customers.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { FileLog, SECRET, startPart } from '#test/kit/graph.ts'
import { recordingLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { freePorts } from '#test/kit/processes.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import { controlOf, type Journal } from '#test/kit/simulator.ts'
import { type Answer, askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const FIRST_PORTAL = DEMO_PORTAL
export const SECOND_PORTAL = 55_190_001
export const SECOND_TOKEN = 'pat-na1-second-portal-of-the-test'

interface Options {
  clock?: Clock
  customers?: Partial<CustomersOptions>
  /** Whether somebody works in the background. Default true. */
  worker?: boolean
  companies?: number
}

/** Starts it. */
export const connectionsBed = async (options: Options = {}) => {
  const { clock = systemClock, companies = 5 } = options
  await using stack = new AsyncDisposableStack()
  const portal = stack.use(
    await startHubSpotSimulator({
      ...{ port: 0, clock, companies, seed: 7 },
      // The same seed: both portals number their records alike.
      portals: [{ portalId: SECOND_PORTAL, token: SECOND_TOKEN, companies, seed: 7, name: 'Second' }],
    }),
  )
  const sim = controlOf(portal.url)
  await sim('limits', { off: true })
  const test = stack.use(await testDatabase<DB>('customers'))
  const { log, lines } = recordingLog('debug')
  const port = await freePorts(1)
  const seal = principalSeal(SECRET, clock)
  const app = {
    clientId: DEMO_CLIENT_ID,
    clientSecret: DEMO_CLIENT_SECRET,
    redirectUri: `http://127.0.0.1:${port}/api/integrations/hubspot/callback`,
    authorizeUrl: `${portal.url}/oauth/authorize`,
  }
  const customers = stack.use(
    await startCustomers({
      ...startWith(test.urls, { clock, log, seal, worker: options.worker ?? true }),
      ...{ encryptionKeys: [TEST_KEY], pollEveryMs: 0, limits: {}, app, hubspotUrl: portal.url },
      ...options.customers,
    }),
  )
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock: systemClock })
  const hub = stack.use(await startPart('hub', { log: new FileLog(`${home.path}/log`) }))
  const nowhere = 'http://127.0.0.1:9'
  const subgraphs = {
    inventory: nowhere,
    telephony: nowhere,
    insights: nowhere,
    customers: customers.url ?? '',
    hub: hub.url,
  }
  const gateway = stack.use(await openGateway(issuer, subgraphs, { port, log, clock }))
  const all = stack.move()

  /** A REST call of the catalogue, as an administrator or with a key. */
  const rest = async (
    method: string,
    path: string,
    body?: unknown,
    key?: string,
    more: Record<string, string> = {},
  ) => {
    const credential = key
      ? { 'x-api-key': key }
      : { authorization: `Bearer ${await issuer.issue({ role: 'admin', org: 'demo' })}` }
    const answer = await fetch(`${gateway.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...credential,
        ...more,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any }
  }
  /** Begins a connection as a browser would: what it was told, and its cookie. */
  const begin = async (input: object = {}) => {
    const { status, headers, body } = await rest('POST', '/api/integrations/hubspot/connect', input)
    const set = headers.getSetCookie()
    return { status, body, set, cookie: set.map((one) => one.split(';')[0]).join('; ') }
  }
  /** Lets the app in on HubSpot's page; `deny` says no. @returns where the browser is sent */
  const consent = async (authorizeUrl: string, who: number | 'deny' = FIRST_PORTAL): Promise<string> => {
    const answer = await fetch(`${authorizeUrl}&auto=${who}`, { redirect: 'manual' })
    return answer.headers.get('location') ?? `${answer.status}: ${await answer.text()}`
  }
  const back = async (location: string, cookie: string) => {
    const answer = await fetch(location, { redirect: 'manual', headers: { cookie } })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }
  const integrations = () =>
    test.database.read(ORG, (tx) =>
      tx.selectFrom('customers.integrations').selectAll().orderBy('created_at').orderBy('id').execute(),
    )
  const credentials = () =>
    test.database.read(ORG, (tx) => tx.selectFrom('customers.credentials').selectAll().execute())
  /** The whole way of somebody who connects a portal. @returns the connection's id */
  const connect = async (who: number = FIRST_PORTAL, input: object = {}): Promise<string> => {
    const begun = await begin(input)
    const came = await back(await consent(begun.body.authorizeUrl, who), begun.cookie)
    if (came.status !== 200) throw new Error(came.text)
    const row = (await integrations()).find((one) => one.portal_id === String(who))
    return row?.id ?? ''
  }
  /** Lets a connection write, as somebody would who has seen its first writes. */
  const approve = (connectionId: string): Promise<void> =>
    test.database.transaction(ORG, (tx) =>
      approvePush(tx, { orgId: ORG, connectionId, planId: null }, clock.now()),
    )
  const runs = () =>
    test.database.read(ORG, (tx) =>
      tx.selectFrom('sync.runs').selectAll().orderBy('requested_at').orderBy('id').execute(),
    )
  return {
    portal,
    sim,
    test,
    database: test.database,
    url: gateway.url,
    customersUrl: customers.url,
    app,
    lines,
    clock,
    rest,
    begin,
    consent,
    back,
    connect,
    approve,
    integrations,
    credentials,
    runs,
    /** Waits until every run has ended. */
    settled: () =>
      until(async () => {
        const all = await runs()
        return all.length > 0 && all.every((run) => run.state !== 'QUEUED' && run.state !== 'RUNNING')
      }),
    ask: (query: string, variables: Record<string, unknown> = {}, caller = principal(ORG)): Promise<Answer> =>
      askSubgraph(customers.url, query, variables, caller, seal),
    journal: () => sim<Journal>('journal'),
    forgetJournal: () => sim('journal', undefined, 'DELETE'),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type ConnectionsBed = Awaited<ReturnType<typeof connectionsBed>>

/** A key of the organisation that may write. */
export const writer = {
  kind: 'key' as const,
  id: 'key:test',
  orgId: ORG,
  scopes: ['sync:read', 'sync:write'],
}

export { DEMO_TOKEN }
