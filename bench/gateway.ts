/** `npm run bench -- gateway`: requests per CPU second of the gateway, beside other gateways over the same subgraphs. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '../kernel/principal.ts'
import { bodiesOf, OPERATIONS } from './gateway/mix.ts'
import type { PartsSay } from './gateway/parts.ts'
import { demandPeers, PEERS, type PeerName, placeSupergraph, startPeer } from './gateway/peers.ts'
import { askGraph, openPlace, type Place, SUBGRAPHS } from './hub.ts'
import { type Measured, measure } from './measuring.ts'
import { familyOf } from './processes.ts'
import { fill } from './query.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'

/** Fifty first: then one at a time is answered by code that has run for a while. */
const CONNECTIONS = [50, 1]
/** How many times as much per CPU second as the others: docs/decisions/0031. */
const BARS: readonly { peer: PeerName; connections: number; times: number }[] = [
  { peer: 'hive-rust', connections: 50, times: 2 },
  { peer: 'stock', connections: 50, times: 4 },
  { peer: 'hive-rust', connections: 1, times: 1.5 },
  { peer: 'stock', connections: 1, times: 2 },
]
const PAGE = 100
const PRIMING = 20

interface Options {
  customers: number
  companies: number
  seconds: number
  warmupSeconds: number
  only: string[]
  peers: PeerName[]
  /** Megabytes of answers that ours keeps, measured one after the other. */
  kept: number[]
  profile: string | undefined
}

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      customers: { type: 'string', default: '250' },
      companies: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '15' },
      warmup: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true, default: ['memory', 'real'] },
      peer: { type: 'string', multiple: true, default: [...PEERS] },
      kept: { type: 'string', multiple: true, default: ['0', '64'] },
      profile: { type: 'string' },
    },
  })
  return {
    customers: Number(values.customers),
    companies: Number(values.companies),
    seconds: Number(values.seconds),
    warmupSeconds: Number(values.warmup),
    only: values.only,
    peers: PEERS.filter((peer) => values.peer.includes(peer)),
    kept: values.kept.map(Number),
    profile: values.profile,
  }
}

/** Where a gateway is reached and which process it is. */
interface Asked {
  pid: number
  url: string
}

/** One gateway's figures in one phase. */
interface Seen extends Measured {
  phase: string
  gateway: string
  /** How many of the answers had been kept, from 0 to 1. */
  keptShare?: number | undefined
}

/** Measures one gateway with one and with fifty requests under way. */
const measureGateway = async (
  options: Options,
  phase: {
    name: string
    bodies: string[]
    subgraphs: readonly number[]
    headers(): Promise<Record<string, string>>
  },
  gateway: { name: string; token: string; keeps?: boolean } & Asked,
): Promise<Seen[]> => {
  const { url, token, name, pid } = gateway
  await prime(url, token, phase.headers, phase.bodies)
  const seen: Seen[] = []
  for (const connections of CONNECTIONS) {
    say(`${phase.name}: asks ${name} with ${connections} at a time`)
    const load = {
      ...{ url, token, headers: await phase.headers(), bodies: phase.bodies, connections },
      ...{ warmupSeconds: options.warmupSeconds, seconds: options.seconds },
    }
    const groups = { gateway: await familyOf(pid), subgraphs: phase.subgraphs, postgres: [] }
    const before = gateway.keeps ? await keptOf(url) : undefined
    const measured = await measure(name, load, groups)
    const keptShare = before && shareOf(before, await keptOf(url))
    seen.push({ ...measured, phase: phase.name, gateway: name, keptShare })
  }
  return seen
}

/** How often a gateway was asked what it could have kept, and had it. */
interface Kept {
  asked: number
  kept: number
}

/** What the gateway itself counts. */
const keptOf = async (url: string): Promise<Kept> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  const counts = [...text.matchAll(/^hub_kept_total\{what="answer",outcome="(\w+)"\} (\d+)/gm)]
  const asked = counts.reduce((sum, [, , count]) => sum + Number(count), 0)
  return { asked, kept: Number(counts.find(([, outcome]) => outcome === 'kept')?.[2] ?? 0) }
}

const shareOf = (before: Kept, after: Kept): number =>
  (after.kept - before.kept) / Math.max(1, after.asked - before.asked)

/** Asks everything once, so that plans are made and the subgraphs' answers lie in memory. */
const prime = async (
  url: string,
  token: string,
  headers: () => Promise<Record<string, string>>,
  bodies: readonly string[],
): Promise<void> => {
  const left = [...bodies]
  const asker = async () => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${token}`,
          ...(await headers()),
        },
        body,
      })
      const text = await response.text()
      if (text.includes('"errors":[')) throw new Error(`A gateway answered ${text.slice(0, 300)} to ${body}`)
    }
  }
  await Promise.all(Array.from({ length: PRIMING }, asker))
}

const profiling = ({ profile }: Options): string[] =>
  profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []

const oursKeeping = (megabytes: number): string => (megabytes === 0 ? 'ours' : `ours keeping ${megabytes} MB`)

const measureAll = async (
  options: Options,
  place: Place,
  parts: Readonly<Record<string, string>>,
  phase: Parameters<typeof measureGateway>[1],
): Promise<Seen[]> => {
  const seen: Seen[] = []
  const addresses = Object.fromEntries(
    Object.entries(parts).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]),
  )
  for (const megabytes of options.kept) {
    const more = { ...addresses, ANSWERS_KEPT_MB: String(megabytes) }
    await using gateway = await place.start(['gateway'], profiling(options), more)
    const asked = { token: await place.token(), url: place.url, pid: gateway.pid }
    const how = { name: oursKeeping(megabytes), keeps: megabytes > 0 }
    seen.push(...(await measureGateway(options, phase, { ...how, ...asked })))
  }
  const supergraph = await placeSupergraph(place.home, parts)
  for (const name of options.peers) {
    await using gateway = await startPeer(name, supergraph, profiling(options))
    seen.push(...(await measureGateway(options, phase, { name, token: 'none', ...gateway })))
  }
  return seen
}

/** Everything answered from memory by one process: what is left is what gateways do. */
const fromMemory = async (options: Options): Promise<Seen[]> => {
  await using place = await openPlace(1, { simulatorsApart: false })
  const child = fork(join(import.meta.dirname, 'gateway/parts.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const [parts] = (await once(child, 'message')) as [PartsSay]
    const customers = Array.from({ length: options.customers }, (_, n) => `customer-${n}`)
    const phase = {
      name: 'memory',
      bodies: bodiesOf(customers),
      subgraphs: [child.pid!],
      headers: async () => ({}),
    }
    return await measureAll(options, place, parts, phase)
  } finally {
    child.disconnect()
  }
}

const WHOLE: Principal = {
  kind: 'user',
  id: 'user:bench',
  orgId: '00000000-0000-4000-8000-000000000001',
  scopes: ['*'],
}

/** The hub's own subgraphs over a database: how much of a whole answer's time the gateway is. */
const fromSubgraphs = async (options: Options): Promise<Seen[]> => {
  await using place = await openPlace(options.companies, { simulatorsApart: false })
  say(`fills a hub with ${options.companies} companies`)
  await fill(place)
  // They tell what is touched to gateways that keep answers, and to no others.
  const subgraphs = await place.start(SUBGRAPHS, [], { ANSWERS_KEPT_MB: String(Math.max(...options.kept)) })
  const port = Number(new URL(place.url).port)
  const parts = Object.fromEntries(SUBGRAPHS.map((name, at) => [name, `http://127.0.0.1:${port + 1 + at}`]))
  const customers = await customersOf(place, options)
  const seal = principalSeal((await readFile(join(place.home, 'hub.secret'), 'utf8')).trim(), systemClock)
  const phase = {
    name: 'subgraphs',
    bodies: bodiesOf(customers),
    subgraphs: [subgraphs.pid],
    // The others check nobody: they hand on what says who asks, which lasts for half a minute at least.
    headers: async () => ({ [PRINCIPAL_HEADER]: await seal.sign(WHOLE) }),
  }
  // Awaited here: the place is cleared away as soon as this function is left.
  return await measureAll(options, place, parts, phase)
}

interface Page {
  customers: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
}

const customersOf = async (place: Place, { customers }: Options): Promise<string[]> => {
  await using _gateway = await place.start(['gateway'])
  const token = await place.token()
  await liftLimits(place, token)
  const ids: string[] = []
  for (let after: string | null = null; ids.length < customers; ) {
    const body: object = { operationName: 'UnifiedCustomers', variables: { first: PAGE, after } }
    const { data, errors } = await askGraph<Page>(place.url, token, body)
    if (!data) throw new Error(`The gateway refused: ${JSON.stringify(errors)}`)
    const { nodes, pageInfo }: Page['customers'] = data.customers
    ids.push(...nodes.map(({ id }) => id))
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  return ids.slice(0, customers)
}

const MOST_POINTS = 10_000_000

/** Others count nothing: ours must not refuse what they answer. It counts all the same. */
const liftLimits = async ({ url }: Place, token: string): Promise<void> => {
  const variables = {
    expectedVersion: 0,
    pointsPerMinute: MOST_POINTS,
    organisationPointsPerMinute: MOST_POINTS,
  }
  const { data } = await askGraph<{ setLimits: { __typename: string } }>(url, token, {
    operationName: 'SetLimits',
    variables,
  })
  if (data?.setLimits.__typename !== 'LimitsSet') throw new Error('The limits could not be lifted.')
}

/** @returns the report of `npm run bench -- gateway` @param args see `bench/README.md` */
export const benchGateway = async (args: string[]): Promise<Report> => {
  const options = readOptions(args)
  if (options.peers.length > 0) demandPeers()
  const seen: Seen[] = []
  if (options.only.includes('memory')) seen.push(...(await fromMemory(options)))
  if (options.only.includes('real')) seen.push(...(await fromSubgraphs(options)))
  return reportOf(
    'gateway',
    { ...options, operations: OPERATIONS },
    {
      figures: [...seen.flatMap(figuresOf), ...keptRatios(options, seen)],
      bars: [...ratios(seen), ...seen.map(failureBar)],
      detail: { seen },
    },
  )
}

const nameOf = ({ phase, gateway, connections }: Seen): string => `${phase}: ${gateway}, c=${connections}`

const figuresOf = (seen: Seen): Figure[] => [
  figure(`${nameOf(seen)}: per gateway CPU second`, seen.requestsPerGatewayCpuSecond, 'requests'),
  figure(`${nameOf(seen)}: answered`, seen.requestsPerSecond, 'requests/s'),
  figure(`${nameOf(seen)}: p50`, seen.p50, 'ms'),
  figure(`${nameOf(seen)}: p99`, seen.p99, 'ms'),
  figure(`${nameOf(seen)}: answer`, seen.kilobytes, 'KB'),
  ...(seen.keptShare === undefined
    ? []
    : [figure(`${nameOf(seen)}: answered from what is kept`, 100 * seen.keptShare, '%')]),
]

/** Ours with what it keeps against the others, which keep nothing: no bar, since it is another thing that is measured. */
const keptRatios = ({ kept, peers }: Options, seen: readonly Seen[]): Figure[] =>
  kept
    .filter((megabytes) => megabytes > 0)
    .flatMap((megabytes) =>
      CONNECTIONS.map((connections) => ({ gateway: oursKeeping(megabytes), connections })),
    )
    .flatMap(({ gateway, connections }) =>
      peers.map((peer) =>
        figure(`${gateway} / ${peer}, c=${connections}`, ratioOf(seen, { gateway, peer, connections }), '×'),
      ),
    )

/** Ours against the others. */
const ratios = (seen: readonly Seen[]): Bar[] => {
  return BARS.map(({ peer, connections, times }) => {
    const ratio = ratioOf(seen, { gateway: 'ours', peer, connections })
    return bar(`ours / ${peer}, c=${connections}`, ratio, 'at least', times, '×')
  })
}

/** How many times as much one gateway answers from memory in a second of its CPU time as another; null when one was not measured. */
const ratioOf = (
  seen: readonly Seen[],
  { gateway, peer, connections }: { gateway: string; peer: string; connections: number },
): number | null => {
  const of = (name: string) =>
    seen.find((one) => one.phase === 'memory' && one.gateway === name && one.connections === connections)
      ?.requestsPerGatewayCpuSecond ?? null
  const [mine, theirs] = [of(gateway), of(peer)]
  return mine !== null && theirs !== null ? mine / theirs : null
}

const failureBar = (seen: Seen): Bar => bar(`${nameOf(seen)}: failed`, seen.failed, 'at most', 0)
