/** `npm run bench -- fanout`: deliveries of subscriptions per CPU second of the gateway, beside Hive Gateway over the same subgraphs. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadManifest } from '../operations/manifest.ts'
import type { Heard, Listening } from './fanout/listeners.ts'
import type { PartsHear, PartsSay } from './gateway/parts.ts'
import { demandPeers, type PeerName, placeSupergraph, startPeer } from './gateway/peers.ts'
import { openPlace } from './hub.ts'
import { familyOf, usageOf } from './processes.ts'
import { bar, type Figure, figure, type Report, reportOf, say } from './report.ts'

/** What is followed: told by one subgraph whole, and completed by another one for each event. */
const FOLLOWED = { alone: 'CustomerChanged', completed: 'HealthChanged' } as const
type Kind = keyof typeof FOLLOWED
const KINDS = Object.keys(FOLLOWED) as Kind[]
const PEERS = ['hive-js', 'hive-rust'] as const satisfies readonly PeerName[]
/** How many times as many deliveries as the quicker Hive: docs/decisions/0036. */
const TIMES = 4
/** So many events are on their way at a time, as when many records change: the next one happens when the first of them has reached everybody. */
const UNDER_WAY = 20
/** Nobody hears anything for so long: what is missing is lost. */
const PATIENCE_MS = 30_000
const LOOK_EVERY_MS = 500
/** What is under way has come when so many looks in a row find nothing new. */
const QUIET_LOOKS = 6
const MOST_SOCKETS = '1000000'

interface Options {
  sockets: number[]
  kinds: Kind[]
  peers: (typeof PEERS)[number][]
  seconds: number
  warmupSeconds: number
  profile: string | undefined
}

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      sockets: { type: 'string', multiple: true, default: ['1000', '5000'] },
      only: { type: 'string', multiple: true, default: KINDS },
      peer: { type: 'string', multiple: true, default: [...PEERS] },
      warmup: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '15' },
      profile: { type: 'string' },
    },
  })
  return {
    sockets: values.sockets.map(Number),
    kinds: KINDS.filter((kind) => values.only.includes(kind)),
    peers: PEERS.filter((peer) => values.peer.includes(peer)),
    seconds: Number(values.seconds),
    warmupSeconds: Number(values.warmup),
    profile: values.profile,
  }
}

interface Seen {
  gateway: string
  kind: Kind
  sockets: number
  deliveries: number
  perSecond: number
  perCpuSecond: number | null
  lost: number
  failure?: string
}

/** What the listeners have told last, and when they told anything new. */
const following = (listeners: ChildProcess) => {
  let last: Heard = { joined: 0, heard: 0 }
  let waiting: (() => void) | undefined
  listeners.on('message', (heard: Heard) => {
    last = heard
    waiting?.()
  })
  return {
    get last(): Heard {
      return last
    },
    /** Waits until so many looks in a row have found nothing new. */
    quiet: async (looks: number): Promise<void> => {
      for (let found = 0; found < looks; ) {
        const before = last.heard
        await setTimeout(LOOK_EVERY_MS)
        found = last.heard === before ? found + 1 : 0
      }
    },
    /** Waits until it is so. @returns false when nothing has been told for too long */
    until: async (isSo: (heard: Heard) => boolean): Promise<boolean> => {
      while (!isSo(last)) {
        const over = new AbortController()
        const news = new Promise<boolean>((resolve) => {
          waiting = () => resolve(true)
        })
        const none = setTimeout(PATIENCE_MS, false, { signal: over.signal }).catch(() => true)
        if (!(await Promise.race([news, none]))) return false
        over.abort()
      }
      return true
    },
  }
}

/** Follows one thing with so many sockets, and counts what comes for what CPU time. */
const measure = async (
  options: Options,
  parts: ChildProcess,
  gateway: { name: string; url: string; token: string; pid: number },
  { kind, sockets }: { kind: Kind; sockets: number },
): Promise<Seen> => {
  say(`${gateway.name}: ${sockets} sockets follow ${FOLLOWED[kind]}`)
  const query = loadManifest().operations.find(({ name }) => name === FOLLOWED[kind])!.text
  const listeners = fork(join(import.meta.dirname, 'fanout/listeners.ts'), [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const hearing = following(listeners)
    listeners.send({ url: gateway.url, token: gateway.token, sockets, query } satisfies Listening)
    await once(listeners, 'message')
    let event = 0
    const happen = () => parts.send(++event satisfies PartsHear)
    // Nothing says when a subscription has reached the subgraph: events happen until everybody has heard one.
    for (const give = performance.now() + 4 * PATIENCE_MS; hearing.last.joined < sockets; ) {
      const { joined, failure } = hearing.last
      if (failure || performance.now() > give)
        throw new Error(`Of ${sockets} sockets at ${gateway.name} ${joined} hear anything: ${failure}.`)
      happen()
      await hearing.quiet(1)
    }
    await hearing.quiet(QUIET_LOOKS)
    const [base, first] = [hearing.last.heard, event]
    const missing = () => (event - first) * sockets - (hearing.last.heard - base)
    const run = async (seconds: number): Promise<void> => {
      const end = performance.now() + seconds * 1000
      while (performance.now() < end) {
        while (missing() <= (UNDER_WAY - 1) * sockets) happen()
        if (!(await hearing.until(() => missing() <= (UNDER_WAY - 1) * sockets))) return
      }
    }
    const used = async () => (await usageOf(await familyOf(gateway.pid)))?.cpuSeconds
    await run(options.warmupSeconds)
    const [from, heard, start] = [await used(), hearing.last.heard, performance.now()]
    await run(options.seconds)
    const [to, deliveries] = [await used(), hearing.last.heard - heard]
    const seconds = (performance.now() - start) / 1000
    await hearing.until(() => missing() === 0)
    const cpu = from === undefined || to === undefined ? null : to - from
    return {
      ...{ gateway: gateway.name, kind, sockets, deliveries, lost: missing() },
      perSecond: deliveries / seconds,
      perCpuSecond: cpu ? deliveries / cpu : null,
      ...(hearing.last.failure ? { failure: hearing.last.failure } : {}),
    }
  } finally {
    listeners.disconnect()
    await once(listeners, 'exit')
  }
}

const measureAll = async (options: Options, parts: ChildProcess, addresses: PartsSay): Promise<Seen[]> => {
  const loads = options.sockets.flatMap((sockets) => options.kinds.map((kind) => ({ kind, sockets })))
  const profiling = options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : []
  const seen: Seen[] = []
  await using place = await openPlace(1, { simulatorsApart: false })
  {
    const urls = Object.entries(addresses).map(([name, url]) => [`${name.toUpperCase()}_URL`, url])
    // All sockets are one caller's, so that they share what they follow.
    const more = { ...Object.fromEntries(urls), SOCKETS_PER_CALLER: MOST_SOCKETS }
    await using running = await place.start(['gateway'], profiling, more)
    const gateway = { name: 'ours', url: place.url, token: await place.token(), pid: running.pid }
    for (const load of loads) seen.push(await measure(options, parts, gateway, load))
  }
  const supergraph = await placeSupergraph(place.home, addresses)
  for (const name of options.peers) {
    await using peer = await startPeer(name, supergraph, profiling)
    const gateway = { name, token: 'none', url: peer.url, pid: peer.pid }
    for (const load of loads) seen.push(await measure(options, parts, gateway, load))
  }
  return seen
}

/** @returns the report of `npm run bench -- fanout` @param args see `bench/README.md` */
export const benchFanout = async (args: string[]): Promise<Report> => {
  const options = readOptions(args)
  if (options.peers.length > 0) demandPeers()
  const parts = fork(join(import.meta.dirname, 'gateway/parts.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  try {
    const [addresses] = (await once(parts, 'message')) as [PartsSay]
    const seen = await measureAll(options, parts, addresses)
    const bars = [
      ...ratios(options, seen),
      ...seen.map((one) => bar(`${nameOf(one)}: lost`, one.lost, 'at most', 0)),
    ]
    return reportOf('fanout', { ...options }, { figures: seen.flatMap(figuresOf), bars, detail: { seen } })
  } finally {
    parts.disconnect()
  }
}

const nameOf = ({ gateway, kind, sockets }: Seen): string => `${gateway}, ${sockets} sockets, ${kind}`

const figuresOf = (seen: Seen): Figure[] => [
  figure(`${nameOf(seen)}: per gateway CPU second`, seen.perCpuSecond, 'deliveries'),
  figure(`${nameOf(seen)}: delivered`, seen.perSecond, 'deliveries/s'),
]

/** Ours against the quicker of the others. */
const ratios = ({ sockets, kinds }: Options, seen: readonly Seen[]) =>
  sockets.flatMap((count) =>
    kinds.map((kind) => {
      const found = seen.filter((one) => one.sockets === count && one.kind === kind)
      const ours = found.find(({ gateway }) => gateway === 'ours')?.perCpuSecond ?? null
      const others = found.flatMap(({ gateway, perCpuSecond }) =>
        gateway === 'ours' ? [] : (perCpuSecond ?? []),
      )
      const ratio = ours !== null && others.length > 0 ? ours / Math.max(...others) : null
      return bar(`ours / Hive, ${count} sockets, ${kind}`, ratio, 'at least', TIMES, '×')
    }),
  )
