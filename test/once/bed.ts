/** A gateway over a real hub and a real telephony, with a door between them that can keep answers back. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DB as HubDB } from '#db/generated/hub.ts'
import type { DB as TelephonyDB } from '#db/generated/telephony.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import type { GatewayOptions } from '#gateway/index.ts'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { startHub } from '#subgraphs/hub/index.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { openGateway } from '#test/kit/gateway.ts'
import { temporaryDirectory, testDatabase } from '#test/kit/postgres.ts'
import { NO_SIBLINGS, SHARED_SECRET, startWith, TEST_KEY } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

export const ACCOUNTS = '/api/v2/billing-accounts'
export const account = (name: string) => ({ input: { name } })

export interface Sent {
  key?: string
  body?: unknown
  org?: string
  subject?: string
  url?: string
  headers?: Record<string, string>
}

export const onceBed = async () => {
  await using stack = new AsyncDisposableStack()
  const home = stack.use(await temporaryDirectory()).path
  const issuer = await openIssuer({ home, clock: systemClock })
  const clock = new TestClock(systemClock.now().toISOString())
  const seal = principalSeal(SHARED_SECRET, systemClock)
  const hubDb = stack.use(await testDatabase<HubDB>('hub'))
  const telephonyDb = stack.use(await testDatabase<TelephonyDB>('telephony'))
  const hub = stack.use(
    await startHub({
      ...startWith(hubDb.urls, { clock, seal, worker: false }),
      ...{ demo: true, encryptionKeys: [TEST_KEY] },
    }),
  )
  const telephony = stack.use(await startTelephony(startWith(telephonyDb.urls, { worker: false })))
  const between = stack.use(await keeper(telephony.url as string))
  const subgraphs = { ...NO_SIBLINGS, hub: hub.url as string, telephony: between.url }
  const gateway = async (options: Partial<GatewayOptions> = {}) =>
    openGateway(issuer, subgraphs, { sharedSecret: SHARED_SECRET, ...options })
  const door = stack.use(await gateway())
  const send = async (
    path: string,
    { key, body, org = 'demo', subject, url = door.url, headers = {} }: Sent = {},
    method = 'POST',
  ) => {
    const token = await issuer.issue({ role: 'admin', org, ...(subject ? { subject } : {}) })
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      isReplayed: response.headers.get('idempotent-replayed') === 'true',
      // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
      body: (text === '' ? undefined : JSON.parse(text)) as any,
    }
  }
  const accounts = async (org?: string): Promise<string[]> => {
    const { body } = await send(`${ACCOUNTS}?first=100`, org ? { org } : {}, 'GET')
    return body.nodes.map(({ name }: { name: string }) => name).sort()
  }
  const all = stack.move()
  return {
    ...{
      home,
      issuer,
      clock,
      seal,
      hub,
      hubDb,
      telephonyDb,
      subgraphs,
      between,
      gateway,
      door,
      send,
      accounts,
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type OnceBed = Awaited<ReturnType<typeof onceBed>>

/** Hands requests on to a subgraph. While told to, it keeps changes: those that arrive, or what they are answered. */
const keeper = async (to: string) => {
  let keeps: 'nothing' | 'answers' | 'requests' = 'nothing'
  const kept: (() => void)[] = []
  const handOn = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const isChange = request.headers['x-hub-once'] !== undefined
    if (isChange && keeps === 'requests') await new Promise<void>((go) => kept.push(go))
    const answer = await fetch(to + request.url, {
      method: request.method as string,
      headers: Object.fromEntries(
        Object.entries(request.headers).filter(
          ([name, value]) => typeof value === 'string' && !/^(host|connection|content-length)$/.test(name),
        ),
      ) as Record<string, string>,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    })
    const text = await answer.text()
    if (isChange && keeps === 'answers') await new Promise<void>((go) => kept.push(go))
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  }
  const server = createServer((request, response) => {
    handOn(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keep: (what: typeof keeps) => {
      keeps = what
    },
    /** Waits until so many are kept. */
    kept: (count: number) => until(() => kept.length >= count),
    letGo: () => {
      keeps = 'nothing'
      for (const go of kept.splice(0)) go()
    },
    [Symbol.asyncDispose]: async () => {
      for (const go of kept.splice(0)) go()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
