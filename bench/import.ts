/** `npm run bench -- import`: the first import of a portal, with the portal's limit, without it, and ten times as large. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Databases, drained, openDatabases } from './draining.ts'
import { compareAll, type Equality } from './equality.ts'
import { askGraph, openPlace, type Place, type Running } from './hub.ts'
import { familyOf, openSampler } from './processes.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'

const PHASES = ['limited', 'lifted', 'tenfold'] as const
type Phase = (typeof PHASES)[number]

/** What one import was seen to do. */
interface Imported {
  companies: number
  records: number
  perType: Record<string, number>
  runSeconds: number
  recordsPerSecond: number
  /** From the end of the run until no sibling had anything left to do. */
  drainedSeconds: number
  /** Fifty customers with everything, right after the import; null when it was refused. */
  firstQuerySeconds: number | null
  requests: number
  refused: number
  /** Pages of 100 that hold all records, and what the bar allows. */
  pages: number
  limit: { max: number; windowMs: number }
  busiestWindow: number
  wallSeconds: number
  floorSeconds: number
  memoryMb: { hub: number | null; postgres: number | null; simulators: number | null }
  cpuSeconds: { hub: number | null; postgres: number | null; simulators: number | null }
  equality?: Equality
}

interface Options {
  companies: number
  phases: readonly Phase[]
  roles: readonly string[]
  profile: string | undefined
}

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      companies: { type: 'string', default: '5000' },
      only: { type: 'string', multiple: true },
      roles: { type: 'string', default: 'all' },
      profile: { type: 'string' },
    },
  })
  const unknown = values.only?.filter((name) => !(PHASES as readonly string[]).includes(name)) ?? []
  if (unknown.length > 0)
    throw new Error(`There is no phase ${unknown.join(', ')}; there are ${PHASES.join(', ')}.`)
  return {
    companies: Number(values.companies),
    phases: (values.only as Phase[] | undefined) ?? PHASES,
    roles: values.roles.split(/[ ,]+/),
    profile: values.profile,
  }
}

interface Journal {
  counts: { refused: Record<string, number> }
  windows: { limit: string; max: number; windowMs: number; busiest: number }[]
  entries: { at: number; portal: string; status: number }[]
}

export const waitForRun = async (
  { customers }: Databases,
  hub: Running,
): Promise<{ startedAt: number; finishedAt: number }> => {
  for (;;) {
    hub.demandAlive()
    const { rows } = await customers.query<{
      state: string
      started_at: Date
      finished_at: Date
      error: string
    }>('select state, started_at, finished_at, error from sync.runs order by requested_at limit 1')
    const [run] = rows
    if (run?.state === 'COMPLETED')
      return { startedAt: run.started_at.getTime(), finishedAt: run.finished_at.getTime() }
    if (run?.state === 'FAILED') throw new Error(`The import failed: ${run.error}`)
    await setTimeout(100)
  }
}

// Not `off`: a portal without limits tells none, and the hub then keeps to those it assumes.
const LIFTED = { burst: 1_000_000, search: 1_000_000, daily: 1_000_000_000 }

const importOnce = async (
  companies: number,
  { limited, verify }: { limited: boolean; verify: boolean },
  { roles, profile }: Options,
): Promise<Imported> => {
  say(`imports ${companies} companies ${limited ? 'with the limit' : 'with the limit lifted'}`)
  await using place = await openPlace(companies)
  const simulators = await place.startSimulators()
  if (!limited) await place.sim('limits', LIFTED)
  const hub = await place.start(roles, profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])
  const samplers = await sampling(place, hub, simulators)
  await using databases = await openDatabases(place)
  const { startedAt, finishedAt } = await waitForRun(databases, hub)
  say('imported')
  const restedAt = await drained(databases)
  say('drained')
  const firstQuerySeconds = await firstQuery(place)
  say('answered the first query')
  const [ours, postgres, theirs] = await Promise.all(samplers.map((sampler) => sampler.end()))
  const journal = await place.sim<Journal>('journal')
  const { rows } = await databases.customers.query<{ type: string; done: number }>(
    'select type, done from sync.checkpoints where run_id = (select id from sync.runs order by requested_at limit 1)',
  )
  const perType = Object.fromEntries(rows.map(({ type, done }) => [type, done]))
  const records = rows.reduce((sum, { done }) => sum + done, 0)
  const runSeconds = (finishedAt - startedAt) / 1000
  if (verify) say('compares')
  const equality = verify ? { equality: await compareAll(place) } : {}
  say('stops')
  return {
    companies,
    records,
    perType,
    runSeconds,
    recordsPerSecond: records / runSeconds,
    firstQuerySeconds,
    drainedSeconds: Math.max(0, restedAt - finishedAt) / 1000,
    pages: rows.reduce((sum, { done }) => sum + Math.ceil(done / 100), 0),
    ...requestsOf(journal, finishedAt),
    memoryMb: { hub: ours!.maxMemoryMb, postgres: postgres!.maxMemoryMb, simulators: theirs!.maxMemoryMb },
    cpuSeconds: { hub: ours!.cpuSeconds, postgres: postgres!.cpuSeconds, simulators: theirs!.cpuSeconds },
    ...equality,
  }
}

const firstQuery = async (place: Place): Promise<number | null> => {
  const token = await place.token()
  const start = performance.now()
  const body = { operationName: 'UnifiedCustomers', variables: { first: 50 } }
  const { errors } = await askGraph(place.url, token, body)
  return errors ? null : (performance.now() - start) / 1000
}

/** Samplers of the hub, of its database server and of the systems beside it. The hub's own process only: PostgreSQL is its child. */
const sampling = async (place: Place, hub: Running, simulators: Running) => {
  const [postmaster] = await place.postgres()
  return [
    openSampler(async () => [hub.pid]),
    // Its shared buffers are mapped by each of its processes, and dividing them is work: less often.
    openSampler(async () => (postmaster ? familyOf(postmaster) : []), { shared: true, everyMs: 2_000 }),
    openSampler(async () => [simulators.pid]),
  ]
}

const requestsOf = (journal: Journal, finishedAt: number) => {
  const mine = journal.entries.filter(({ portal, at }) => portal !== '' && at <= finishedAt)
  const burst = journal.windows.find(({ limit }) => limit === 'burst')!
  return {
    requests: mine.length,
    refused: Object.values(journal.counts.refused).reduce((sum, count) => sum + count, 0),
    limit: { max: burst.max, windowMs: burst.windowMs },
    busiestWindow: burst.busiest,
    wallSeconds: (mine.at(-1)!.at - mine[0]!.at) / 1000,
    floorSeconds: ((Math.ceil(mine.length / burst.max) - 1) * burst.windowMs) / 1000,
  }
}

/** @returns the report of `npm run bench -- import` @param args `--companies`, `--only limited|lifted|tenfold`, `--roles`, `--profile <folder>` */
export const benchImport = async (args: string[]): Promise<Report> => {
  const options = readOptions(args)
  const wants = (phase: Phase) => options.phases.includes(phase)
  const { companies } = options
  const limited = wants('limited')
    ? await importOnce(companies, { limited: true, verify: true }, options)
    : undefined
  const lifted =
    wants('lifted') || wants('tenfold')
      ? await importOnce(companies, { limited: false, verify: wants('lifted') }, options)
      : undefined
  const tenfold = wants('tenfold')
    ? await importOnce(10 * companies, { limited: false, verify: false }, options)
    : undefined
  return reportOf(
    'import',
    { ...options },
    {
      figures: [
        ...(limited ? figuresOf('with the limit', limited) : []),
        ...(lifted ? figuresOf('limit lifted', lifted) : []),
        ...(tenfold ? figuresOf('ten times as much', tenfold) : []),
      ],
      bars: [
        ...(limited ? limitedBars(limited) : []),
        ...(lifted && wants('lifted') ? liftedBars(lifted) : []),
        ...(lifted && tenfold ? tenfoldBars(lifted, tenfold) : []),
      ],
      detail: { limited, lifted, tenfold },
    },
  )
}

const figuresOf = (phase: string, seen: Imported): Figure[] => [
  figure(`${phase}: records`, seen.records),
  figure(`${phase}: requests`, seen.requests),
  figure(`${phase}: run`, seen.runSeconds, 's'),
  figure(`${phase}: first to last request`, seen.wallSeconds, 's'),
  figure(`${phase}: applied`, seen.recordsPerSecond, 'records/s'),
  figure(`${phase}: siblings drained after`, seen.drainedSeconds, 's'),
  figure(`${phase}: first query after it`, seen.firstQuerySeconds, 's'),
  figure(`${phase}: hub memory, most`, seen.memoryMb.hub, 'MB'),
  figure(`${phase}: PostgreSQL memory, most`, seen.memoryMb.postgres, 'MB'),
  figure(`${phase}: simulators memory, most`, seen.memoryMb.simulators, 'MB'),
  figure(`${phase}: hub CPU`, seen.cpuSeconds.hub, 's'),
  figure(`${phase}: PostgreSQL CPU`, seen.cpuSeconds.postgres, 's'),
  figure(`${phase}: simulators CPU`, seen.cpuSeconds.simulators, 's'),
]

const equalityBars = (phase: string, { equality }: Imported): Bar[] =>
  equality
    ? (['counts', 'fields', 'associations', 'graph'] as const).map((kind) =>
        bar(`${phase}: differences in ${kind}`, equality.differences[kind], 'at most', 0),
      )
    : []

const limitedBars = (seen: Imported): Bar[] => [
  bar('with the limit: requests', seen.requests, 'at most', 1.05 * seen.pages + 10),
  bar('with the limit: requests in any window', seen.busiestWindow, 'at most', seen.limit.max),
  bar('with the limit: refused requests', seen.refused, 'at most', 0),
  // Below one window of requests there is no floor to compare with.
  bar(
    'with the limit: wall / floor',
    seen.floorSeconds > 0 ? seen.wallSeconds / seen.floorSeconds : null,
    'at most',
    1.15,
    '×',
  ),
  ...equalityBars('with the limit', seen),
]

const liftedBars = (seen: Imported): Bar[] => [
  bar('limit lifted: applied', seen.recordsPerSecond, 'at least', 10_000, 'rec/s'),
  bar('limit lifted: siblings drained', seen.drainedSeconds, 'at most', 10, 's'),
  ...equalityBars('limit lifted', seen),
]

const tenfoldBars = (once: Imported, tenfold: Imported): Bar[] => [
  bar('ten times as much: time ratio', tenfold.runSeconds / once.runSeconds, 'at most', 10.5, '×'),
  bar(
    'ten times as much: hub memory ratio',
    once.memoryMb.hub && tenfold.memoryMb.hub ? tenfold.memoryMb.hub / once.memoryMb.hub : null,
    'at most',
    1.3,
    '×',
  ),
]
