/** `npm run bench -- query`: the unified customer query through the gateway, a list of fifty and a single customer. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { drained, openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place, type Running, SUBGRAPHS } from './hub.ts'
import { type Measured, measure } from './measuring.ts'
import { type Bar, bar, type Figure, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'
import { countPerRequest, openCounter, type PerRequest, preloadCounter } from './statements.ts'

const CONNECTIONS = [1, 50]
const LIST = 50
const SHORT_LIST = 5
/** Different customers asked for in turn, so that no answer is the one before. */
const VARIED = 20

/** Seconds until C3 and WARP must be in. */
const MOST_TRIES = 180

interface Options {
  companies: number
  seconds: number
  warmupSeconds: number
  profile: string | undefined
}

const readOptions = (args: string[]): Options => {
  const { values } = parseArgs({
    args,
    options: {
      companies: { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '15' },
      warmup: { type: 'string', default: '5' },
      profile: { type: 'string' },
    },
  })
  return {
    companies: Number(values.companies),
    seconds: Number(values.seconds),
    warmupSeconds: Number(values.warmup),
    profile: values.profile,
  }
}

/** Imports everything by the whole hub, as `npm start` does, and stops it: what is measured are roles in processes of their own. */
export const fill = async (place: Place): Promise<void> => {
  await using hub = await place.start()
  await using databases = await openDatabases(place)
  await waitForRun(databases.customers, hub)
  await untilFilled(place, hub)
  await drained(databases)
  // What the server would do by itself a minute later.
  for (const name of SUBGRAPHS) await databases[name].query('analyze')
  const postgres = await place.connect('postgres')
  await preloadCounter(postgres).finally(() => postgres.end())
}

/** Waits until C3's run has ended and WARP's accounts stopped growing in number. */
const untilFilled = async (place: Place, hub: Running): Promise<void> => {
  const [inventory, telephony] = [await place.connect('inventory'), await place.connect('telephony')]
  try {
    for (let before = -1, tries = 0; ; tries++) {
      hub.demandAlive()
      if (tries > MOST_TRIES) throw new Error('The hub was not filled: C3 or WARP accounts are missing.')
      const { rows } = await inventory.query(
        `select count(*)::int as n from sync.runs where state <> 'COMPLETED'`,
      )
      const accounts = await telephony.query('select count(*)::int as n from telephony.billing_accounts')
      if (rows[0].n === 0 && accounts.rows[0].n > 0 && accounts.rows[0].n === before) return
      before = accounts.rows[0].n
      await setTimeout(1000)
    }
  } finally {
    await inventory.end()
    await telephony.end()
  }
}

interface Variables {
  list: string[]
  single: string[]
}

interface Page {
  customers: { nodes: { id: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
}

/** Bodies of requests: the list from different places, and single customers out of it. */
const bodiesOf = async (place: Place, token: string): Promise<Variables> => {
  const list: string[] = []
  const single: string[] = []
  let after: string | null = null
  for (let n = 0; n < VARIED; n++) {
    const body: object = { operationName: 'UnifiedCustomers', variables: { first: LIST, after } }
    const { data, errors } = await askGraph<Page>(place.url, token, body)
    if (errors || !data) throw new Error(`The gateway refused: ${JSON.stringify(errors)}`)
    const { nodes, pageInfo }: Page['customers'] = data.customers
    if (nodes.length === LIST || list.length === 0) list.push(JSON.stringify(body))
    single.push(
      ...nodes
        .slice(0, VARIED)
        .map(({ id }) => JSON.stringify({ operationName: 'CustomerOverview', variables: { id } })),
    )
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  return { list, single }
}

/** Statements of lists of two lengths and of a single customer; null when the server does not count them. */
const statementsOf = async (place: Place, token: string, single: string) => {
  const postgres = await place.connect('postgres')
  try {
    if (!(await openCounter(postgres))) return null
    const of = (body: object): Promise<PerRequest> =>
      countPerRequest(postgres, async () => {
        const { errors } = await askGraph(place.url, token, body)
        if (errors) throw new Error(`The gateway refused: ${JSON.stringify(errors)}`)
      })
    return {
      short: await of({ operationName: 'UnifiedCustomers', variables: { first: SHORT_LIST } }),
      long: await of({ operationName: 'UnifiedCustomers', variables: { first: LIST } }),
      single: await of(JSON.parse(single)),
    }
  } finally {
    await postgres.end()
  }
}

/** @returns the report of `npm run bench -- query` @param args `--companies`, `--seconds`, `--warmup`, `--profile <folder>` */
export const benchQuery = async (args: string[]): Promise<Report> => {
  const options = readOptions(args)
  const { companies, seconds, warmupSeconds, profile } = options
  await using place = await openPlace(companies, { simulatorsApart: false })
  say(`fills a hub with ${companies} companies`)
  await fill(place)
  say('starts its roles apart')
  const nodeArguments = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const subgraphs = await place.start(SUBGRAPHS, nodeArguments)
  const gateway = await place.start(['gateway'], nodeArguments)
  const token = await place.token()
  const bodies = await bodiesOf(place, token)
  const postgres = await place.postgres()
  const measured: Measured[] = []
  for (const [operation, texts] of Object.entries(bodies))
    for (const connections of CONNECTIONS) {
      say(`asks for ${operation} with ${connections} at a time`)
      const load = { url: place.url, token, bodies: texts, connections, warmupSeconds, seconds }
      measured.push(
        await measure(operation, load, { gateway: [gateway.pid], subgraphs: [subgraphs.pid], postgres }),
      )
    }
  say('counts statements')
  const statements = await statementsOf(place, token, bodies.single[0]!)
  return reportOf(
    'query',
    { ...options },
    {
      figures: [...measured.flatMap(figuresOf), ...(statements ? statementFigures(statements) : [])],
      bars: [...measured.map(failureBar), ...(statements ? statementBars(statements) : [])],
      detail: { measured, statements },
    },
  )
}

const nameOf = ({ operation, connections }: Measured): string =>
  `${operation === 'list' ? `list of ${LIST}` : 'single customer'}, c=${connections}`

const figuresOf = (seen: Measured): Figure[] => [
  figure(`${nameOf(seen)}: answered`, seen.requestsPerSecond, 'requests/s'),
  figure(`${nameOf(seen)}: p50`, seen.p50, 'ms'),
  figure(`${nameOf(seen)}: p95`, seen.p95, 'ms'),
  figure(`${nameOf(seen)}: p99`, seen.p99, 'ms'),
  figure(`${nameOf(seen)}: answer`, seen.kilobytes, 'KB'),
  figure(`${nameOf(seen)}: gateway CPU`, seen.cpu.gateway, 'ms/request'),
  figure(`${nameOf(seen)}: subgraphs CPU`, seen.cpu.subgraphs, 'ms/request'),
  figure(`${nameOf(seen)}: PostgreSQL CPU`, seen.cpu.postgres, 'ms/request'),
  figure(`${nameOf(seen)}: per gateway CPU second`, seen.requestsPerGatewayCpuSecond, 'requests'),
]

const statementFigures = (seen: NonNullable<Awaited<ReturnType<typeof statementsOf>>>): Figure[] =>
  SUBGRAPHS.flatMap((name) => [
    figure(`list: SQL statements in ${name}`, seen.long[name]),
    figure(`single: SQL statements in ${name}`, seen.single[name]),
  ])

const failureBar = (seen: Measured): Bar => bar(`${nameOf(seen)}: failed`, seen.failed, 'at most', 0)

const statementBars = (seen: NonNullable<Awaited<ReturnType<typeof statementsOf>>>): Bar[] =>
  SUBGRAPHS.map((name) =>
    bar(
      `${name}: statements of ${LIST} / of ${SHORT_LIST}`,
      seen.short[name] === 0 ? (seen.long[name] === 0 ? 1 : null) : seen.long[name] / seen.short[name],
      'at most',
      1,
      '×',
    ),
  )
