/** `npm run bench -- start`: how soon a hub that has been stopped answers again, with all it knew. */
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDatabases } from './draining.ts'
import { askGraph, openPlace, type Place } from './hub.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { waitForRun } from './runs.ts'

const BAR_MS = 5_000
const LOOK_EVERY_MS = 10

/** Customers known, asked for until the hub answers. */
const firstAnswer = async (place: Place, token: string): Promise<number> => {
  for (;;) {
    const answer = await askGraph<{ customers: { totalCount: number } }>(place.url, token, {
      query: '{ customers(first: 1) { totalCount } }',
    }).catch(() => undefined)
    if (answer?.data?.customers && !answer.errors) return answer.data.customers.totalCount
    await setTimeout(LOOK_EVERY_MS)
  }
}

/** @returns milliseconds from the start of the process to the first answer, and how many customers it told of */
const startAgain = async (place: Place, token: string): Promise<{ ms: number; customers: number }> => {
  const since = performance.now()
  const starting = place.start()
  const customers = await Promise.race([
    firstAnswer(place, token),
    starting.then(() => firstAnswer(place, token)),
  ])
  const ms = performance.now() - since
  await (await starting)[Symbol.asyncDispose]()
  return { ms, customers }
}

/** Fills a hub as `npm start` does, stops it, and starts it again a few times. @throws when it knows less than before */
export const benchStart = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: { companies: { type: 'string', default: '5000' }, times: { type: 'string', default: '5' } },
  })
  const options = { companies: Number(values.companies), times: Number(values.times) }
  await using place = await openPlace(options.companies, { simulatorsApart: false })
  say(`fills a hub with ${options.companies} companies`)
  const first = await place.start()
  const token = await place.token()
  {
    await using databases = await openDatabases(place)
    await waitForRun(databases.customers, first)
  }
  const known = await firstAnswer(place, token)
  await first[Symbol.asyncDispose]()
  const starts: number[] = []
  for (let n = 1; n <= options.times; n++) {
    const { ms, customers } = await startAgain(place, token)
    say(`start ${n} answered after ${Math.round(ms)} ms`)
    if (customers < known)
      throw new Error(`The hub knew ${known} customers and knows ${customers} after a start.`)
    starts.push(ms)
  }
  const slowest = Math.max(...starts)
  return reportOf('start', options, {
    figures: [
      figure('customers kept', known),
      figure('quickest start', Math.min(...starts) / 1000, 's'),
      figure('slowest start', slowest / 1000, 's'),
    ],
    bars: [bar('first answer of a second start', slowest / 1000, 'at most', BAR_MS / 1000, 's')],
    detail: { starts },
  })
}
