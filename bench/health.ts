/** `npm run bench -- health`: how many requests it takes to let all of a portal's companies say their health. */
import { parseArgs } from 'node:util'
import { type Databases, drained, openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place } from './hub.ts'
import { furnishPortal, written } from './portal.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'

const PUSH = `mutation { pushHealthScores { __typename
  ... on HealthScoresPushed { companies changed problems } ... on Refusal { message } } }`

interface Pushed {
  pushHealthScores: { companies: number; changed: number; problems: string[]; message?: string }
}

interface Entry {
  method: string
  path: string
  status: number
}

/** What went to the portal since it was last asked: what changes it, and what only asks. */
const sentTo = async (place: Place): Promise<{ writes: Entry[]; questions: Entry[] }> => {
  const { entries } = await place.sim<{ entries: Entry[] }>('journal')
  await place.sim('journal', undefined, 'DELETE')
  const isQuestion = ({ method, path }: Entry) => method === 'GET' || /\/(search|read)$/.test(path)
  const all = entries.filter(({ path }) => path.startsWith('/crm'))
  return { writes: all.filter((each) => !isQuestion(each)), questions: all.filter(isQuestion) }
}

/** Companies that do not say what their customer's health is. */
const differing = async (place: Place, { customers }: Databases): Promise<number> => {
  const { rows } = await customers.query<{ external_id: string; health_score: string }>(`
    select co.external_id, c.health_score from customers.companies co join customers.customers c on c.id = co.customer_id
    where co.gone_at is null and c.health_score is not null`)
  type Known = { results: { id: string; properties: Record<string, string | null> }[] }
  const { results } = await place.sim<Known>('records/companies?limit=100000')
  const said = new Map(results.map(({ id, properties }) => [id, properties.cscx_health_score]))
  return rows.filter((row) => Number(said.get(row.external_id) ?? Number.NaN) !== Number(row.health_score))
    .length
}

/** @returns the report of `npm run bench -- health` @param args `--companies` */
export const benchHealth = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({ args, options: { companies: { type: 'string', default: '5000' } } })
  const options = { companies: Number(values.companies) }
  await using place = await openPlace(options.companies)
  await place.startSimulators()
  const hub = await place.start()
  await using databases = await openDatabases(place)
  const token = await place.token()
  const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
    const { data, errors } = await askGraph<T>(place.url, token, { query, variables })
    if (!data || errors) throw new Error(errors?.[0]?.message ?? 'There is no answer.')
    return data
  }
  await waitForRun(databases.customers, hub)
  await drained(databases)
  say('imported and scored')
  await furnishPortal(place, databases, token, 'cscx_health_trend')
  await sentTo(place)
  say('furnished the portal')
  const since = performance.now()
  const { pushHealthScores: pushed } = await ask<Pushed>(PUSH)
  const refused = pushed.message ?? pushed.problems[0]
  if (refused) throw new Error(refused)
  const answered = (performance.now() - since) / 1000
  await written(databases)
  const seconds = (performance.now() - since) / 1000
  const first = await sentTo(place)
  say(`pushed ${pushed.changed} of ${pushed.companies} companies`)
  const again = (await ask<Pushed>(PUSH)).pushHealthScores
  await written(databases)
  const second = await sentTo(place)
  return reportOf('health', options, {
    figures: [
      figure('companies whose health is known', pushed.companies),
      figure('written', pushed.changed),
      figure('requests', first.writes.length),
      figure('questions asked beside them', first.questions.length),
      figure('answered after', answered, 's'),
      figure('all written after', seconds, 's'),
    ],
    bars: [
      bar('companies left out', options.companies - pushed.companies, 'at most', 0),
      bar('requests', first.writes.length, 'at most', Math.ceil(pushed.changed / 100)),
      bar('refused', first.writes.filter(({ status }) => status >= 400).length, 'at most', 0),
      bar('companies that say otherwise', await differing(place, databases), 'at most', 0),
      bar('written when pushed again', again.changed + second.writes.length, 'at most', 0),
    ],
    detail: { writes: Object.groupBy(first.writes, ({ method, path }) => `${method} ${path}`), pushed },
  })
}
