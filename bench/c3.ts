/** `npm run bench -- c3`: the first import of a large C3, what a small change costs, and how fast parts are found. */
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place, type Running } from './hub.ts'
import {
  growthBars,
  type ImportSeen,
  importFigures,
  limitBars,
  memoryBar,
  speedBar,
  takenBy,
} from './import-figures.ts'
import { type Measured, measure } from './measuring.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'
import { type Journal, requestsOf, sampling, waitForRun } from './runs.ts'

const PHASES = ['limited', 'lifted', 'tenth', 'search'] as const
type Phase = (typeof PHASES)[number]

/** How much C3 holds. */
interface Size {
  companies: number
  rfqs: number
  stockRows: number
  parts: number
}

const ROLES = ['hub', 'inventory', 'gateway']
/** Of all stock rows that change between two readings. */
const CHANGED = 500
const SEARCH = 'stm32f4'
/** As people type: the beginning of a number, a word of it, a maker's whole number, several words. One is held by a third of all parts. */
const SEARCHES = ['stm32f4', 'STM32', 'grm188', 'ATMEGA', 'capacitor 100nf', 'microcontroller', 'lm78', 'BC8']
// Not `off`: C3 tells what it grants, and the hub keeps to it.
const LIFTED = { requests: 1_000_000 }

/** What one import was seen to do, and what came after it. */
interface Imported extends ImportSeen {
  perType: Record<string, number>
  incremental: { requests: number; seconds: number; updated: number }
  components: number
  search: { one: Measured; all: Measured } | undefined
}

const importOnce = async (
  size: Size,
  { limited, searches = false }: { limited: boolean; searches?: boolean },
  profile: string | undefined,
): Promise<Imported> => {
  say(`imports ${size.stockRows} stock rows ${limited ? 'with the limit' : 'with the limit lifted'}`)
  await using place = await openPlace(100)
  const simulators = await place.startSimulators()
  await place.simC3('seed', size)
  if (!limited) await place.simC3('limits', LIFTED)
  const hub = await place.start(ROLES, profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [])
  const samplers = await sampling(place, hub, simulators)
  await using databases = await openDatabases(place, ['inventory'])
  const { startedAt, finishedAt } = await waitForRun(databases.inventory, hub)
  say('imported')
  const sampled = await Promise.all(samplers.map((sampler) => sampler.end()))
  const requested = requestsOf(await place.simC3<Journal>('journal'), {
    limit: 'requests',
    until: finishedAt,
  })
  const { rows } = await databases.inventory.query<{ type: string; done: number }>(
    'select type, done from sync.checkpoints where run_id = (select id from sync.runs order by requested_at limit 1)',
  )
  const runSeconds = (finishedAt - startedAt) / 1000
  await databases.inventory.query('analyze')
  const incremental = await changeSome(place, hub, databases.inventory)
  const { rows: parts } = await databases.inventory.query<{ n: number }>(
    'select count(*)::int as n from inventory.components',
  )
  const token = await place.token()
  const search = searches ? await searching(place, token, hub) : undefined
  say('stops')
  return {
    ...requested,
    records: rows.reduce((sum, { done }) => sum + done, 0),
    perType: Object.fromEntries(rows.map(({ type, done }) => [type, done])),
    runSeconds,
    ...takenBy(sampled, { startedAt, finishedAt }),
    incremental,
    components: parts[0]!.n,
    search,
  }
}

/** Changes some stock rows as a user of C3 would, and has what changed read. */
const changeSome = async (
  place: Place,
  hub: Running,
  inventory: pg.Client,
): Promise<Imported['incremental']> => {
  const { rows } = await inventory.query<{ id: string }>(
    'select c3_stock_id as id from inventory.inventory order by c3_stock_id limit $1',
    [CHANGED],
  )
  for (const { id } of rows)
    await place.simC3('records/inventory', { stockId: id, quantityAvailable: 1_000_000 })
  await place.simC3('journal', undefined, 'DELETE')
  const since = performance.now()
  const { data, errors } = await askGraph<{ startC3Sync: { run: { id: string } } }>(
    place.url,
    await place.token(),
    { operationName: 'StartC3Sync', variables: { mode: 'INCREMENTAL' } },
  )
  if (!data) throw new Error(`The gateway refused: ${JSON.stringify(errors)}`)
  const { startedAt, finishedAt } = await waitForRun(inventory, hub, data.startC3Sync.run.id)
  say(`read what changed, ${((performance.now() - since) / 1000).toFixed(1)} s after asking`)
  const { rows: done } = await inventory.query<{ updated: number }>(
    'select sum(updated)::int as updated from sync.checkpoints where run_id = $1',
    [data.startC3Sync.run.id],
  )
  const { entries } = await place.simC3<Journal>('journal')
  const requests = entries.filter(({ portal }) => portal !== '').length
  return { requests, seconds: (finishedAt - startedAt) / 1000, updated: done[0]!.updated }
}

const searching = async (place: Place, token: string, hub: Running): Promise<Imported['search']> => {
  const postgres = await place.postgres()
  const looking = async (searches: readonly string[]): Promise<Measured> => {
    say(`looks for ${searches.join(', ')}`)
    const bodies = searches.map((search) =>
      JSON.stringify({ operationName: 'Components', variables: { search, first: 20 } }),
    )
    const load = { url: place.url, token, bodies, connections: 1, warmupSeconds: 3, seconds: 10 }
    return measure('components', load, { gateway: [hub.pid], subgraphs: [], postgres })
  }
  return { one: await looking([SEARCH]), all: await looking(SEARCHES) }
}

/** @returns the report of `npm run bench -- c3` @param args `--stock-rows`, `--rfqs`, `--companies`, `--parts`, `--only limited|lifted|tenth|search`, `--profile <folder>` */
export const benchC3 = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: {
      companies: { type: 'string', default: '5000' },
      rfqs: { type: 'string', default: '5000' },
      'stock-rows': { type: 'string', default: '150000' },
      parts: { type: 'string', default: '37500' },
      only: { type: 'string', multiple: true },
      profile: { type: 'string' },
    },
  })
  const unknown = values.only?.filter((name) => !(PHASES as readonly string[]).includes(name)) ?? []
  if (unknown.length > 0)
    throw new Error(`There is no phase ${unknown.join(', ')}; there are ${PHASES.join(', ')}.`)
  const size: Size = {
    companies: Number(values.companies),
    rfqs: Number(values.rfqs),
    stockRows: Number(values['stock-rows']),
    parts: Number(values.parts),
  }
  const wants = (...phases: Phase[]) =>
    values.only === undefined || phases.some((phase) => values.only?.includes(phase))
  const { profile } = values
  const limited = wants('limited') ? await importOnce(size, { limited: true }, profile) : undefined
  const lifted = wants('lifted', 'tenth') ? await importOnce(size, { limited: false }, profile) : undefined
  const tenth = wants('tenth') ? await importOnce(tenthOf(size), { limited: false }, undefined) : undefined
  // As many parts as there are rows, few requests and little trade: what is measured is the search.
  const crowd = { ...size, companies: 100, rfqs: 100, parts: size.stockRows }
  const search = wants('search')
    ? await importOnce(crowd, { limited: false, searches: true }, profile)
    : undefined
  return reportOf(
    'c3',
    { ...size, only: values.only ?? [...PHASES] },
    {
      figures: [
        ...(limited ? figuresOf('with the limit', limited) : []),
        ...(lifted ? figuresOf('limit lifted', lifted) : []),
        ...(tenth ? figuresOf('a tenth', tenth) : []),
        ...(search ? searchFigures(search) : []),
      ],
      bars: [
        ...(limited ? limitBars('with the limit', limited) : []),
        ...(lifted ? liftedBars(lifted) : []),
        ...(lifted && tenth ? tenfoldBars(tenth, lifted) : []),
        ...(search?.search ? searchBars(search.search) : []),
      ],
      detail: { limited, lifted, tenth, search },
    },
  )
}

const tenthOf = ({ companies, rfqs, stockRows, parts }: Size): Size => ({
  companies: Math.ceil(companies / 10),
  rfqs: Math.ceil(rfqs / 10),
  stockRows: Math.ceil(stockRows / 10),
  parts: Math.ceil(parts / 10),
})

const figuresOf = (phase: string, seen: Imported): Figure[] => [
  ...importFigures(phase, seen),
  figure(`${phase}: parts`, seen.components),
  figure(`${phase}: ${CHANGED} changes read in`, seen.incremental.seconds, 's'),
  figure(`${phase}: requests for them`, seen.incremental.requests),
]

const searchFigures = ({ components, search }: Imported): Figure[] => [
  figure('search: parts', components),
  ...(search
    ? [
        figure(`search for ${SEARCH}: answered`, search.one.requestsPerSecond, 'requests/s'),
        figure(`search for ${SEARCH}: p50`, search.one.p50, 'ms'),
        figure(`search for ${SEARCH}: PostgreSQL CPU`, search.one.cpu.postgres, 'ms/request'),
        figure('search for eight in turn: p50', search.all.p50, 'ms'),
        figure('search for eight in turn: p95', search.all.p95, 'ms'),
      ]
    : []),
]

const liftedBars = (seen: Imported): Bar[] => [
  speedBar('limit lifted', seen),
  memoryBar('limit lifted', seen),
  bar('limit lifted: changed rows that were written', seen.incremental.updated, 'at least', CHANGED),
  bar('limit lifted: requests for them', seen.incremental.requests, 'at most', 20),
]

const searchBars = ({ one, all }: NonNullable<Imported['search']>): Bar[] => [
  bar('searches that failed', one.failed + all.failed, 'at most', 0),
  bar(`search for ${SEARCH}: p95`, one.p95, 'at most', 30, 'ms'),
]

const tenfoldBars = (small: Imported, large: Imported): Bar[] => [
  ...growthBars(small, large),
  bar(
    'ten times as much: time for the same changes',
    large.incremental.seconds / small.incremental.seconds,
    'at most',
    2,
    '×',
  ),
]
