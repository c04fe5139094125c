/** Hub with a sibling whose log is real, and partners' programs that take what they are told. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import { type Clock, systemClock, TestClock } from '#kernel/clock.ts'
import type { Principal } from '#kernel/principal.ts'
import { type EventPayload, event } from '#schema/events.ts'
import { admin, startSibling, startTestHub, type TestHub } from '#test/hub/hub.ts'
import { until } from '#test/kit/until.ts'
import { ask } from '#test/service/graph.ts'

export interface Taken {
  id: string
  type: string
  timestamp: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it was told
  data: any
  headers: IncomingHttpHeaders
  body: string
}

/** What a partner answers to something it was sent; nothing: 204. */
export type Answering = (taken: Taken) => Promise<Answered | undefined> | Answered | undefined
export interface Answered {
  status: number
  headers?: Record<string, string>
  body?: string
}

/** A partner's program: takes whatever is posted to it. */
export const startPartner = async (answer: Answering = () => undefined) => {
  const taken: Taken[] = []
  const partner = { answer, atOnce: 0, mostAtOnce: 0 }
  const server = createServer({ keepAliveTimeout: 120_000 }, async (request, response) => {
    partner.mostAtOnce = Math.max(partner.mostAtOnce, ++partner.atOnce)
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const one = {
      ...JSON.parse(body),
      id: String(request.headers['webhook-id']),
      headers: request.headers,
      body,
    }
    taken.push(one)
    const { status, headers, body: said } = (await partner.answer(one)) ?? { status: 204 }
    partner.atOnce--
    response.writeHead(status, headers).end(said)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(partner, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    taken,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
export type Partner = Awaited<ReturnType<typeof startPartner>>

/** Whether a message was signed with a secret, as a receiver finds out. */
export const isSigned = (secret: string, { body, headers }: Taken): boolean => {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>)
    return true
  } catch {
    // Another secret's.
    return false
  }
}

export type Run = EventPayload<'customers.sync.progressed'>

export const trunk = (trunkId: string, changes: Partial<EventPayload<'telephony.trunk.changed'>> = {}) =>
  event('telephony.trunk.changed', 'B-1', {
    ...{ trunkId, ban: 'B-1', name: 'Main', status: 'ACTIVE', concurrentCalls: 10, monthlyMinutes: 1000 },
    ...{ ipAddresses: ['198.51.100.7'], observedAt: '2026-03-01T08:00:00.000Z' },
    ...changes,
  })

const FIELDS =
  'id name url events state reason version formerSecretUntil failingSince lastDeliveredAt waitingCount'

export const MAKE = `mutation ($input: PartnerWebhookInput!) {
  made: createPartnerWebhook(input: $input) {
    ... on PartnerWebhookCreated { secret webhook { ${FIELDS} } } ... on Refusal { code message } ... on Invalid { field }
  }
}`

/** Asks hub's graph as an administrator. */
export const asking =
  (hub: TestHub) =>
  async (
    query: string,
    variables: Record<string, unknown> = {},
    caller: Principal = admin(),
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  ): Promise<any> => {
    const { data, errors } = await ask(hub.url, caller, query, variables)
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }

/** A bed: hub follows the sibling for everything; the clock is the test's. */
export const startBed = async (options: NonNullable<Parameters<typeof startTestHub>[0]> = {}) => {
  const stack = new AsyncDisposableStack()
  const clock = new TestClock(systemClock.now())
  const sibling = stack.use(await startSibling())
  const hub = stack.use(await startTestHub({ clock, siblingUrl: sibling.url, ...options }))
  const query = asking(hub)
  const make = async (
    url: string,
    events: string[] = ['TRUNK_CHANGED'],
  ): Promise<{ id: string; secret: string }> => {
    const { made } = await query(MAKE, { input: { name: 'Partner', url, events } })
    return { id: made.webhook.id, secret: made.secret }
  }
  const webhook = async (id: string) =>
    (await query(`query ($id: ID!) { partnerWebhook(id: $id) { ${FIELDS} } }`, { id })).partnerWebhook
  const deliveries = async (id: string, filter: object = {}) =>
    (
      await query(
        `query ($id: ID!, $filter: PartnerDeliveryFilter) { partnerWebhook(id: $id) { deliveries(first: 200, filter: $filter) {
          nodes { id eventId event at state dueAt tries { at status ms answer error } } } } }`,
        { id, filter },
      )
    ).partnerWebhook.deliveries.nodes
  /** Another time, of which whoever sends hears. */
  const setTime = async (to: Date | string) => {
    clock.set(to)
    await hub.db.database.relay((tx) => sql`select pg_notify('hub_partner_messages', '')`.execute(tx))
  }
  /** Lets time go by until something is so: what waits for its turn by the clock gets it. */
  const passing = (ms: number, isSo: () => boolean | Promise<boolean>) =>
    until(async () => {
      if (await isSo()) return true
      await setTime(new Date(clock.now().getTime() + ms))
      return false
    })
  /** Hub follows all parts from their state on: nothing that is told now is missed. */
  const follows = () =>
    until(async () => {
      const { rows } = await hub.db.database.relay((tx) =>
        sql`select from events.cursors where consumer = 'hub-outward' and pos is not null`.execute(tx),
      )
      return rows.length === 4
    })
  if (options.worker ?? true) await follows()
  return {
    ...{
      hub,
      sibling,
      clock: clock as TestClock & Clock,
      query,
      make,
      webhook,
      deliveries,
      passing,
      setTime,
      follows,
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
export type Bed = Awaited<ReturnType<typeof startBed>>
