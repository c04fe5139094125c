/** A gateway and a customers subgraph connected to a simulated portal, to which a test sends webhooks as HubSpot would. */
import { signV1, signV3 } from '#connectors/hubspot/webhook.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import type { GatewayOptions } from '#gateway/index.ts'
import { systemClock } from '#kernel/clock.ts'
import type { StartOptions } from '#service/start.ts'
import { type CustomersOptions, startCustomers } from '#subgraphs/customers/index.ts'
import { type CustomersBed, importedBed, ORG, type PortalOptions, TEST_KEY } from '#test/kit/customers.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { recordingLog } from '#test/kit/log.ts'
import { temporaryDirectory } from '#test/kit/server.ts'
import { askSubgraph, NO_SIBLINGS, SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const SECRET = 'the client secret of the app under test'
export const PATH = '/api/v1/webhooks/hubspot'

export interface Sending {
  path?: string
  secret?: string
  /** The moment it is stamped with, in milliseconds from now. */
  offsetMs?: number
  /** What is signed, where it differs from what is sent. */
  signs?: { method?: string; url?: string; body?: string }
  headers?: Record<string, string>
  v1?: boolean
}

export interface WebhookBed extends CustomersBed {
  url: string
  lines: Record<string, unknown>[]
  /** Sends a body as HubSpot would, signed for where it is sent. */
  deliver(body: unknown, sending?: Sending): Promise<Response>
  /** An event of the portal, of a record that exists. */
  event(type: string, objectId: string | number, more?: object): object
  /** Rows of one of our tables. */
  rows(table: string): Promise<Record<string, unknown>[]>
  /** Waits until nothing is left to be read. */
  settled(timeoutMs?: number): Promise<void>
  graph(query: string, variables?: Record<string, unknown>): ReturnType<typeof askSubgraph>
  stopCustomers(): Promise<void>
}

type Options = PortalOptions &
  Partial<Pick<StartOptions, 'worker'>> &
  Partial<Pick<CustomersOptions, 'webhooks'>> & {
    gateway?: Partial<GatewayOptions>
    /** How the subgraph reaches its database. Default: directly. */
    through?: (url: string) => string
  }

export const RULES = { secrets: [SECRET], allowV1: false, networks: [] }

let eventId = 1_000

/** Starts it with the portal imported. */
export const webhookBed = async (options: Options = {}): Promise<WebhookBed> => {
  const { companies = 5, clock = systemClock, webhooks = RULES } = options
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await importedBed({ ...options, companies }))
  const { log, lines } = recordingLog('info')
  const { through = (url: string) => url } = options
  const { owner, app, relay } = bed.test.urls
  const customers = await startCustomers({
    ...startWith(
      { owner, app: through(app), relay: through(relay) },
      { clock, log, worker: options.worker ?? true },
    ),
    encryptionKeys: [TEST_KEY],
    pollEveryMs: 0,
    limits: {},
    webhooks,
  })
  let isUp = true
  const stopCustomers = async () => {
    if (isUp) await customers[Symbol.asyncDispose]()
    isUp = false
  }
  stack.defer(stopCustomers)
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock })
  const subgraphs = { ...NO_SIBLINGS, customers: customers.url ?? '' }
  const gateway = stack.use(
    await openGateway(issuer, subgraphs, { sharedSecret: SHARED_SECRET, clock, ...options.gateway }),
  )
  const [integration] = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.integrations').select('portal_id').execute(),
  )
  const portalId = Number(integration?.portal_id)
  const all = stack.move()
  return {
    ...bed,
    url: gateway.url,
    lines,
    deliver: (
      body,
      { path = PATH, secret = SECRET, offsetMs = 0, signs = {}, headers = {}, v1 = false } = {},
    ) => {
      const sent = typeof body === 'string' ? body : JSON.stringify(body)
      const stamp = String(clock.now().getTime() + offsetMs)
      const { method = 'POST', url = `${gateway.url}${path}`, body: signed = sent } = signs
      const proof = v1
        ? { 'x-hubspot-signature': signV1(secret, Buffer.from(signed)), 'x-hubspot-signature-version': 'v1' }
        : {
            'x-hubspot-signature-v3': signV3(secret, { method, url }, Buffer.from(signed), stamp),
            'x-hubspot-request-timestamp': stamp,
          }
      return fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...proof, ...headers },
        body: sent,
      })
    },
    event: (subscriptionType, objectId, more = {}) => ({
      eventId: eventId++,
      subscriptionId: 25,
      portalId,
      appId: 1_160_452,
      occurredAt: clock.now().getTime(),
      subscriptionType,
      attemptNumber: 0,
      objectId: Number(objectId),
      changeSource: 'CRM_UI',
      sourceId: 'userId:55',
      ...more,
    }),
    rows: (table) =>
      bed.database.read(
        ORG,
        async (tx) =>
          (await tx
            .selectFrom(table as never)
            .selectAll()
            .execute()) as never,
      ),
    settled: async (timeoutMs = 40_000) => {
      await until(async () => (await bed.waiting()).length === 0, { timeoutMs })
    },
    graph: (query, variables) => askSubgraph(customers.url, query, variables),
    stopCustomers,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
