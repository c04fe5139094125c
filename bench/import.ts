/** `npm run bench -- import`: the first import of a portal, with the portal's limit, without it, and ten times as large. */
import { parseArgs } from 'node:util'
import { drained, openDatabases } from './draining.ts'
import { compareAll, type Equality } from './equality.ts'
import { askGraph, openPlace, type Place } from './hub.ts'
import {
  growthBars,
  type ImportSeen,
  importFigures,
  limitBars,
  memoryBar,
  speedBar,
  takenBy,
} from './import-figures.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'
import { type Journal, requestsOf, sampling, waitForRun } from './runs.ts'

const PHASES = ['limited', 'lifted', 'tenfold'] as const
type Phase = (typeof PHASES)[number]

/** What one import was seen to do. */
interface Imported extends ImportSeen {
  companies: number
  perType: Record<string, number>
  /** From the end of the run until no sibling had anything left to do. */
  drainedSeconds: number
  /** Fifty customers with everything, right after the import; null when it was refused. */
  firstQuerySeconds: number | null
  /** Pages of 100 that hold all records, and what the bar allows. */
  pages: number
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
  const { startedAt, finishedAt } = await waitForRun(databases.customers, hub)
  say('imported')
  const restedAt = await drained(databases)
  say('drained')
  const firstQuerySeconds = await firstQuery(place)
  say('answered the first query')
  const sampled = await Promise.all(samplers.map((sampler) => sampler.end()))
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
    firstQuerySeconds,
    drainedSeconds: Math.max(0, restedAt - finishedAt) / 1000,
    pages: rows.reduce((sum, { done }) => sum + Math.ceil(done / 100), 0),
    ...requestsOf(journal, { limit: 'burst', until: finishedAt }),
    ...takenBy(sampled, { startedAt, finishedAt }),
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
        ...(lifted && tenfold ? growthBars(lifted, tenfold) : []),
      ],
      detail: { limited, lifted, tenfold },
    },
  )
}

const figuresOf = (phase: string, seen: Imported): Figure[] => [
  ...importFigures(phase, seen),
  figure(`${phase}: siblings drained after`, seen.drainedSeconds, 's'),
  figure(`${phase}: first query after it`, seen.firstQuerySeconds, 's'),
]

const equalityBars = (phase: string, { equality }: Imported): Bar[] =>
  equality
    ? (['counts', 'fields', 'associations', 'graph'] as const).map((kind) =>
        bar(`${phase}: differences in ${kind}`, equality.differences[kind], 'at most', 0),
      )
    : []

const limitedBars = (seen: Imported): Bar[] => [
  bar('with the limit: requests', seen.requests, 'at most', 1.05 * seen.pages + 10),
  ...limitBars('with the limit', seen),
  ...equalityBars('with the limit', seen),
]

const liftedBars = (seen: Imported): Bar[] => [
  speedBar('limit lifted', seen),
  memoryBar('limit lifted', seen),
  bar('limit lifted: siblings drained', seen.drainedSeconds, 'at most', 10, 's'),
  ...equalityBars('limit lifted', seen),
]
