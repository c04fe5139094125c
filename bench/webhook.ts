/** `npm run bench -- webhook`: from a webhook's coming until a subscriber has the event, and a storm of ten thousand. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Databases, drained, openDatabases } from './draining.ts'
import { openPlace, type Place } from './hub.ts'
import { type Listening, listen } from './listening.ts'
import { quantile } from './measuring.ts'
import { openSampler } from './processes.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'

const PHASES = ['one', 'four', 'storm', 'crowded'] as const
type Phase = (typeof PHASES)[number]

/** What is changed of each kind, and what its events and rows are called here. */
const KINDS = {
  companies: { property: 'name', event: 'customers.company.changed', id: 'companyId' },
  contacts: { property: 'jobtitle', event: 'customers.contact.changed', id: 'contactId' },
  deals: { property: 'dealname', event: 'customers.deal.changed', id: 'dealId' },
  tickets: { property: 'subject', event: 'customers.ticket.changed', id: 'ticketId' },
} as const
type Kind = keyof typeof KINDS

interface Options {
  companies: number
  seconds: number
  storm: number
  phases: readonly Phase[]
}

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      companies: { type: 'string', default: '2500' },
      seconds: { type: 'string', default: '20' },
      storm: { type: 'string', default: '10000' },
      only: { type: 'string', multiple: true },
    },
  })
  const unknown = values.only?.filter((name) => !(PHASES as readonly string[]).includes(name)) ?? []
  if (unknown.length > 0)
    throw new Error(`There is no phase ${unknown.join(', ')}; there are ${PHASES.join(', ')}.`)
  return {
    companies: Number(values.companies),
    seconds: Number(values.seconds),
    storm: Number(values.storm),
    phases: (values.only as Phase[] | undefined) ?? PHASES,
  }
}

interface Told {
  waiting: { events: number; inFlight: number; retrying: number }
  counts: { delivered: number; failed: number }
  attempts: {
    at: number
    ms: number
    status: number
    events: { objectId?: number; subscriptionType: string }[]
  }[]
}

/** A hub that was filled, whose portal tells it of everything. */
interface Ground {
  place: Place
  databases: Databases
  hub: number
}

const idsOf = async (place: Place, kind: Kind): Promise<string[]> => {
  const { results } = await place.sim<{ results: { id: string }[] }>(`records/${kind}?limit=100000`)
  return results.map(({ id }) => id)
}

/** Changes records evenly: so many a second, each once. @returns how many */
const changeEvenly = async (
  place: Place,
  kinds: readonly Kind[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number> => {
  const EVERY_MS = 50
  const ids = new Map(await Promise.all(kinds.map(async (kind) => [kind, await idsOf(place, kind)] as const)))
  const began = performance.now()
  let done = 0
  for (let tick = 0; tick < (seconds * 1000) / EVERY_MS; tick++) {
    const due = Math.round(((tick + 1) * EVERY_MS * perSecond) / 1000)
    const list = new Map<Kind, object[]>()
    for (; done < due; done++) {
      const kind = kinds[done % kinds.length]!
      const id = ids.get(kind)?.[Math.floor(done / kinds.length)]
      if (id === undefined) throw new Error(`There are too few ${kind}: name more companies.`)
      const changed = { id, properties: { [KINDS[kind].property]: `Told ${done}` } }
      list.set(kind, [...(list.get(kind) ?? []), changed])
    }
    await Promise.all([...list].map(([kind, records]) => place.sim(`records/${kind}`, { list: records })))
    const rest = (tick + 1) * EVERY_MS - (performance.now() - began)
    if (rest > 0) await setTimeout(rest)
  }
  return done
}

const delivered = async ({ place }: Ground): Promise<Told> => {
  for (;;) {
    const told = await place.sim<Told>('webhooks/journal')
    const { events, inFlight, retrying } = told.waiting
    if (events + inFlight + retrying === 0) return told
    await setTimeout(100)
  }
}

const applied = async ({ databases }: Ground): Promise<number> => {
  for (const giveUpAt = Date.now() + 300_000; ; ) {
    const at = Date.now()
    const { rows } = await databases.customers.query<{ n: number }>(
      'select count(*)::int as n from sync.signals',
    )
    if (rows[0]!.n === 0) return at
    if (at > giveUpAt) throw new Error(`${rows[0]!.n} signals still wait`)
    await setTimeout(100)
  }
}

/** What one phase of even changes was seen to do. */
interface Heard {
  changes: number
  /** Changes of records of which a subscriber can hear, and of which it heard nothing. */
  unheard: number
  p50: number | null
  p99: number | null
  most: number | null
  /** Until the event was written, by the hub's own clock. */
  storedP50: number | null
  storedP99: number | null
  requests: number
}

/** From the webhook's being sent until the subscriber had the event of its record; each record was changed once. */
const latencies = async (
  { databases }: Ground,
  told: Told,
  { heardAt }: Listening,
  after: number,
): Promise<{ heard: number[]; stored: number[]; unheard: number }> => {
  const sentAt = new Map<string, number>()
  for (const { at, events } of told.attempts)
    for (const { objectId, subscriptionType } of events)
      sentAt.set(`${subscriptionType.split('.')[0]}/${objectId}`, at)
  const heard = new Map<string, number>()
  const audible = new Map<string, number>()
  for (const [kind, { event, id }] of Object.entries(KINDS)) {
    const { rows } = await databases.customers.query<{ pos: string; at: Date; record: string }>(
      `select e.pos, e.logged_at as at, t.external_id as record from events.event_log e
        join customers.${kind} t on t.id = (e.payload ->> '${id}')::uuid
        where e.name = $1 and e.pos > $2 and e.payload ->> 'customerId' is not null order by e.pos`,
      [event, after],
    )
    for (const { pos, at: storedAt, record } of rows) {
      const name = `${event.split('.')[1]}/${record}`
      if (!audible.has(name)) audible.set(name, storedAt.getTime())
      const at = heardAt.get(Number(pos))
      if (at !== undefined && !heard.has(name)) heard.set(name, at)
    }
  }
  const known = [...sentAt].filter(([name]) => audible.has(name))
  return {
    heard: known.flatMap(([name, at]) => (heard.has(name) ? heard.get(name)! - at : [])),
    stored: known.map(([name, at]) => audible.get(name)! - at),
    unheard: known.filter(([name]) => !heard.has(name)).length,
  }
}

const listenTo = async (ground: Ground, kinds: readonly Kind[], options: Options): Promise<Heard> => {
  const { place, databases } = ground
  using listening = await listen(place.url, await place.token())
  const head = await databases.customers.query<{ pos: string }>('select pos from events.head')
  await place.sim('journal', undefined, 'DELETE')
  await place.sim('webhooks/journal', undefined, 'DELETE')
  const changes = await changeEvenly(place, kinds, { perSecond: 100, seconds: options.seconds })
  const told = await delivered(ground)
  await applied(ground)
  await setTimeout(2_000)
  const { heard, stored, unheard } = await latencies(ground, told, listening, Number(head.rows[0]!.pos))
  const journal = await place.sim<{ counts: { total: number } }>('journal')
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(heard, share)) as [number, number, number]
  const [storedP50, storedP99] = [0.5, 0.99].map((share) => quantile(stored, share)) as [number, number]
  return { changes, unheard, p50, p99, most, storedP50, storedP99, requests: journal.counts.total }
}

/** What a storm was seen to do. */
interface Stormed {
  events: number
  posts: number
  failed: number
  ackP50: number | null
  ackP99: number | null
  /** From the first webhook until nothing waited to be read. */
  appliedSeconds: number
  memoryMb: number | null
}

const LIFTED = { burst: 1_000_000, search: 1_000_000, daily: 1_000_000_000 }

const storm = async (ground: Ground, options: Options): Promise<Stormed> => {
  const { place } = ground
  await place.sim('webhooks/journal', undefined, 'DELETE')
  const sampler = openSampler(async () => [ground.hub])
  const began = Date.now()
  const kinds = Object.keys(KINDS) as Kind[]
  const ids = new Map(await Promise.all(kinds.map(async (kind) => [kind, await idsOf(place, kind)] as const)))
  // A tenth of a second's worth at a time, over ten seconds; records are told of several times, as in life.
  const ticks = 100
  for (let tick = 0; tick < ticks; tick++) {
    const each = options.storm / ticks / kinds.length
    await Promise.all(
      kinds.map((kind) => {
        const all = ids.get(kind) ?? []
        const list = Array.from({ length: each }, (_, n) => ({
          id: all[(tick * each + n) % all.length],
          properties: { [KINDS[kind].property]: `Storm ${began} ${tick}` },
        }))
        return place.sim(`records/${kind}`, { list })
      }),
    )
    const rest = began + (tick + 1) * 100 - Date.now()
    if (rest > 0) await setTimeout(rest)
  }
  const told = await delivered(ground)
  const appliedAt = await applied(ground)
  const { maxMemoryMb: memoryMb } = await sampler.end()
  const acks = told.attempts.map(({ ms }) => ms)
  return {
    events: told.attempts.reduce((sum, { events }) => sum + events.length, 0),
    posts: told.attempts.length,
    failed: told.counts.failed,
    ackP50: quantile(acks, 0.5),
    ackP99: quantile(acks, 0.99),
    appliedSeconds: (appliedAt - (told.attempts[0]?.at ?? began)) / 1000,
    memoryMb,
  }
}

/** @returns the report of `npm run bench -- webhook` @param args `--companies`, `--seconds`, `--storm`, `--only one|four|storm|crowded` */
export const benchWebhook = async (args: string[]): Promise<Report> => {
  const options = readOptions(args)
  const wants = (phase: Phase) => options.phases.includes(phase)
  await using place = await openPlace(options.companies)
  await place.startSimulators()
  await place.sim('limits', LIFTED)
  const hub = await place.start()
  await using databases = await openDatabases(place)
  await waitForRun(databases.customers, hub)
  await drained(databases)
  say('imported, at rest')
  const ground: Ground = { place, databases, hub: hub.pid }
  await place.sim('webhooks', { targetUrl: `${place.url}/api/v1/webhooks/hubspot`, subscriptions: 'all' })
  // The vendor's own limit, as the smallest account has it.
  await place.sim('limits', { burst: 100, search: 5 })
  // Its first answer tells the hub; what was called before has left the window.
  await changeEvenly(place, ['companies'], { perSecond: 10, seconds: 1 })
  await setTimeout(12_000)
  const one = wants('one') ? await listenTo(ground, ['companies'], options) : undefined
  if (one) say('one kind told')
  if (one && wants('four')) await setTimeout(12_000)
  const four = wants('four') ? await listenTo(ground, Object.keys(KINDS) as Kind[], options) : undefined
  if (four) say('four kinds told')
  const stormed = wants('storm') ? await storm(ground, options) : undefined
  if (stormed) say('the storm is over')
  const crowded = wants('crowded') ? await crowdedStorm(ground, options) : undefined
  return reportOf(
    'webhook',
    { ...options },
    {
      figures: [...figuresOf('one kind', one), ...figuresOf('four kinds', four)].concat(
        stormFigures('storm', stormed),
        stormFigures('storm beside a full run', crowded),
      ),
      bars: [
        ...heardBars('one kind', one, 250),
        ...heardBars('four kinds', four, 1_000),
        ...stormBars('storm', stormed),
        ...stormBars('storm beside a full run', crowded),
      ],
      detail: { one, four, stormed, crowded },
    },
  )
}

/** The same while everything of the portal is read anew. With the limit lifted: two that share one limit measure that limit. */
const crowdedStorm = async (ground: Ground, options: Options): Promise<Stormed> => {
  const { place } = ground
  await place.sim('limits', LIFTED)
  await changeEvenly(place, ['companies'], { perSecond: 10, seconds: 1 })
  await applied(ground)
  const response = await fetch(`${place.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await place.token()}` },
    body: JSON.stringify({ query: 'mutation { startHubSpotSync(mode: FULL) { __typename } }' }),
  })
  if (!(await response.text()).includes('SyncStarted')) throw new Error('The full run did not start.')
  return await storm(ground, options)
}

const figuresOf = (phase: string, seen: Heard | undefined): Figure[] =>
  seen
    ? [
        figure(`${phase}: changes`, seen.changes),
        figure(`${phase}: requests`, seen.requests),
        figure(`${phase}: webhook → stored p50`, seen.storedP50, 'ms'),
        figure(`${phase}: webhook → stored p99`, seen.storedP99, 'ms'),
        figure(`${phase}: webhook → subscriber p50`, seen.p50, 'ms'),
        figure(`${phase}: webhook → subscriber, most`, seen.most, 'ms'),
      ]
    : []

const stormFigures = (phase: string, seen: Stormed | undefined): Figure[] =>
  seen
    ? [
        figure(`${phase}: events`, seen.events),
        figure(`${phase}: deliveries`, seen.posts),
        figure(`${phase}: acknowledged p50`, seen.ackP50, 'ms'),
        figure(`${phase}: hub memory, most`, seen.memoryMb, 'MB'),
      ]
    : []

const heardBars = (phase: string, seen: Heard | undefined, limitMs: number): Bar[] =>
  seen
    ? [
        bar(`${phase}: webhook → subscriber p99`, seen.p99, 'at most', limitMs, 'ms'),
        bar(`${phase}: changes nobody heard of`, seen.unheard, 'at most', 0),
      ]
    : []

const stormBars = (phase: string, seen: Stormed | undefined): Bar[] =>
  seen
    ? [
        bar(`${phase}: acknowledged p99`, seen.ackP99, 'at most', 1_000, 'ms'),
        bar(`${phase}: deliveries refused`, seen.failed, 'at most', 0),
        bar(`${phase}: applied`, seen.appliedSeconds, 'at most', 60, 's'),
      ]
    : []
