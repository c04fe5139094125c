/** `npm run bench -- journeys`: the hub's supergraph, unchanged, as Hive Gateway serves it: the same answers, the same events. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { systemClock } from '../kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '../kernel/principal.ts'
import { demandPeers, type PeerName, placeSupergraph, startPeer } from './gateway/peers.ts'
import { type Read, readsOf } from './gateway/reads.ts'
import { askGraph, openPlace, type Place, SUBGRAPHS } from './hub.ts'
import { fill } from './query.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'

const HIVES = ['hive-js', 'hive-rust'] as const satisfies readonly PeerName[]
/** Hands on who follows as well. */
const CONFIG = 'hive-asking.config.js'
/** Each operation with two of what it is about. */
const WAYS = 2
const CHANGES = 5
/** So often is changed and read until each change was told. */
const MOST_ROUNDS = 30
const ROUND_MS = 2_000
/** The hub goes on working while it is asked: what differs is asked for again before it counts. */
const MOST_TRIES = 5
const CHANGED = 'subscription { customerChanged { id name } }'
/** They say who asks, and Hive is told that by the bench, or what goes on at that moment. */
const MOVING = new Set([
  'Viewer',
  'Memberships',
  'Conversations',
  'HubSpotStatus',
  'C3SyncStatus',
  'InsightEngine',
])

/**
 * What a peer cannot plan though the supergraph holds it: Hive's JS planner says SATISFIABILITY_ERROR of an insight's confidence, which stands beside
 * the advice it belongs to, in one and the same subgraph. Its router runtime, Apollo's gateway and ours answer it.
 */
const BEYOND: Readonly<Record<(typeof HIVES)[number], readonly string[]>> = {
  'hive-js': ['CustomerRecommendations'],
  'hive-rust': [],
}

const WHOLE: Principal = {
  kind: 'user',
  id: 'user:bench',
  orgId: '00000000-0000-4000-8000-000000000001',
  scopes: ['*'],
}

type Headers = Record<string, string>

/** A gateway, and how one says to it who asks. */
interface Asked {
  url: string
  headers(): Promise<Headers>
}

interface Fault {
  path?: readonly (string | number)[]
  extensions?: { code?: string }
}

/** What a client builds on: the data, and where it is not whole and why. */
const answerOf = async ({ url, headers }: Asked, { operation, text, variables }: Read): Promise<string> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await headers()) },
    body: JSON.stringify({ query: text, operationName: operation, variables }),
  })
  const { data, errors = [] } = (await response.json()) as { data?: unknown; errors?: Fault[] }
  const faults = errors.map(({ path, extensions }) => `${path?.join('.')} ${extensions?.code}`)
  return JSON.stringify({ data, faults: faults.sort() })
}

/** From where two texts differ, a little of both. */
const difference = (mine: string, other: string): string => {
  const at = [...mine].findIndex((letter, place) => letter !== other[place])
  const near = (text: string) => text.slice(Math.max(0, at - 60), at + 80)
  return `${near(mine)} … ${near(other)}`
}

/** Asks both the same. @returns the names of operations that are answered differently */
const differing = async (ours: Asked, theirs: Asked, reads: readonly Read[]): Promise<string[]> => {
  const others = new Set<string>()
  for (const read of reads) {
    for (let tries = 1; ; tries++) {
      const [mine, other] = [await answerOf(ours, read), await answerOf(theirs, read)]
      if (mine === other) break
      if (tries < MOST_TRIES) continue
      if (!others.has(read.operation)) say(`${read.operation}: ${difference(mine, other)}`)
      others.add(read.operation)
      break
    }
  }
  return [...others]
}

/** Changes records at HubSpot and follows customers by a gateway, until each of those changed was told. @returns how many were */
const told = async (at: Asked, place: Place, name: string): Promise<number> => {
  const { results } = await place.sim<{ results: { id: string }[] }>(`records/companies?limit=${CHANGES}`)
  const heard = new Set<string>()
  const failures: unknown[] = []
  const client = createClient({
    url: `${at.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: await at.headers(),
  })
  const end = client.subscribe<{ customerChanged: { name: string } | null }>(
    { query: CHANGED },
    {
      next: ({ data, errors }) => {
        if (errors) failures.push(...errors)
        const [, id] = /^Followed \S+ (\d+) /.exec(data?.customerChanged?.name ?? '') ?? []
        if (id && data!.customerChanged!.name.includes(` ${name} `)) heard.add(id)
      },
      error: (error) => failures.push(error),
      complete: () => undefined,
    },
  )
  // Until the stream is open nothing of what is changed is told, and a run under way may have passed a change by.
  for (let round = 0; round < MOST_ROUNDS && heard.size < results.length; round++) {
    for (const { id } of results)
      await place.sim('records/companies', { id, properties: { name: `Followed ${name} ${id} ${round}` } })
    await askGraph(place.url, await place.token(), {
      operationName: 'StartHubSpotSync',
      variables: { mode: 'INCREMENTAL' },
    })
    await setTimeout(ROUND_MS)
  }
  end()
  await client.dispose()
  if (failures.length > 0) say(`${name} answered errors instead of events: ${JSON.stringify(failures[0])}`)
  return failures.length > 0 ? 0 : heard.size
}

/** Everything that the hub's lists say how to ask for, but what is another answer each time. */
const readsAt = async (place: Place): Promise<Read[]> => {
  const token = await place.token()
  const reads = await readsOf(async (operationName, variables) => {
    const { data, errors } = await askGraph<unknown>(place.url, token, { operationName, variables })
    if (!data) throw new Error(`The gateway refused: ${JSON.stringify(errors)}`)
    return data
  }, WAYS)
  return reads.filter(({ operation }) => !MOVING.has(operation))
}

/** Runs it. Options: `--companies n` (60). */
export const benchJourneys = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({ args, options: { companies: { type: 'string', default: '60' } } })
  const companies = Number(values.companies)
  demandPeers()
  await using place = await openPlace(companies, { simulatorsApart: false })
  say(`fills a hub with ${companies} companies`)
  await fill(place)
  await using _hub = await place.start()
  const port = Number(new URL(place.url).port)
  const parts = Object.fromEntries(SUBGRAPHS.map((name, at) => [name, `http://127.0.0.1:${port + 1 + at}`]))
  const seal = principalSeal((await readFile(join(place.home, 'hub.secret'), 'utf8')).trim(), systemClock)
  const ours: Asked = {
    url: place.url,
    headers: async () => ({ authorization: `Bearer ${await place.token()}` }),
  }
  const reads = await readsAt(place)
  const operations = new Set(reads.map(({ operation }) => operation)).size
  const supergraph = await placeSupergraph(place.home, parts)
  const seen = []
  for (const name of HIVES) {
    await using hive = await startPeer(name, supergraph, [], CONFIG)
    // Hive signs nobody in: it hands on who asks, in words of the hub's own, which last for a minute.
    const theirs: Asked = {
      url: hive.url,
      headers: async () => ({ [PRINCIPAL_HEADER]: await seal.sign(WHOLE) }),
    }
    say(`asks ${name} what the hub's own gateway is asked`)
    const others = await differing(ours, theirs, reads)
    say(`follows customers by ${name}`)
    const heard = await told(theirs, place, name)
    seen.push({ name, asked: reads.length, others, heard })
  }
  return reportOf(
    'journeys',
    { companies },
    {
      figures: seen.flatMap(({ name, asked }) => [
        figure(`operations compared, ${name}`, operations),
        figure(`answers compared, ${name}`, asked),
        figure(`known to be beyond its planner, ${name}`, BEYOND[name].length),
      ]),
      bars: seen.flatMap(({ name, others, heard }) => [
        bar(
          `operations answered differently beside those, ${name}`,
          others.filter((other) => !BEYOND[name].includes(other)).length,
          ...(['at most', 0] as const),
        ),
        bar(`changes told by a subscription, ${name}`, heard, 'at least', CHANGES),
      ]),
      detail: seen,
    },
  )
}
