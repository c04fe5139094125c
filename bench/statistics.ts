/** `npm run bench -- statistics`: how well what is worked out from purchases finds what was put in, on customers that are made up. */
import { parseArgs } from 'node:util'
import {
  fitRepeatBuying,
  fitSpending,
  gatherer,
  learnBuying,
} from '../subgraphs/insights/domain/buying/learning.ts'
import { expectedPurchases, type RepeatBuying } from '../subgraphs/insights/domain/buying/repeat-buying.ts'
import { seasonsOf } from '../subgraphs/insights/domain/buying/seasons.ts'
import { predictSpend } from '../subgraphs/insights/domain/buying/spending.ts'
import { trendOf } from '../subgraphs/insights/domain/buying/trend.ts'
import { settle } from '../subgraphs/insights/domain/statistics/minimise.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { buyer, type Chance, chanceFrom, normal, poisson, spender } from './simulated-buying.ts'
import { farthest, replay } from './simulated-deciding.ts'

/** What Fader, Hardie and Lee found of the customers of CDNOW, in weeks. */
const CDNOW: RepeatBuying = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426, firstMayBeLast: 0 }
const TRUTHS: readonly RepeatBuying[] = [
  CDNOW,
  { ...CDNOW, firstMayBeLast: 1 },
  { r: 1.5, alpha: 12, a: 0.6, b: 4, firstMayBeLast: 0 },
]
const SPENDING = { p: 6.25, q: 3.74, gamma: 15.44 }
const CUSTOMERS = 2000
const DAY_OF_LEARNING = 20_000

/** In how many of the populations each parameter lies within the bounds that are given for 95 of 100. */
const recovery = (populations: number) => {
  let [within, of] = [0, 0]
  for (const [n, truth] of TRUTHS.entries())
    for (let seed = 1; seed <= populations; seed++) {
      const chance = chanceFrom(1000 * n + seed)
      const histories = Array.from({ length: CUSTOMERS }, () => {
        const age = 27 + 25 * chance()
        const times = buyer(chance, truth, age)
        return { history: { again: times.length - 1, last: times.at(-1)!, age }, customers: 1 }
      })
      const found = settle(fitRepeatBuying(histories, truth.firstMayBeLast))
      for (const name of ['r', 'alpha', 'a', 'b'] as const) {
        const bounds = found?.bounds?.[name]
        of++
        if (bounds && bounds.low <= truth[name] && truth[name] <= bounds.high) within++
      }
    }
  return within / of
}

const spendingRecovery = (populations: number) => {
  let [within, of] = [0, 0]
  for (let seed = 1; seed <= populations; seed++) {
    const chance = chanceFrom(seed)
    const spent = Array.from({ length: CUSTOMERS }, () => {
      const next = spender(chance, SPENDING)
      const values = Array.from({ length: 2 + poisson(chance, 3) }, next)
      return { purchases: values.length, mean: values.reduce((t, value) => t + value, 0) / values.length }
    })
    const found = settle(fitSpending(spent))
    for (const name of ['p', 'q', 'gamma'] as const) {
      const bounds = found?.bounds?.[name]
      of++
      if (bounds && bounds.low <= SPENDING[name] && SPENDING[name] <= bounds.high) within++
    }
  }
  return within / of
}

/** What customers spend in a year, against what was foretold of each. */
const foretelling = (customers: number) => {
  const chance = chanceFrom(6)
  const spending = { p: 4, q: 4, gamma: 300 }
  let [expected, observed, above, below] = [0, 0, 0, 0]
  for (let n = 0; n < customers; n++) {
    const model = TRUTHS[n % TRUTHS.length]!
    const age = 20 + 100 * chance()
    const times = buyer(chance, model, age + 52)
    const next = spender(chance, spending)
    const values = times.map(next)
    const past = times.filter((at) => at <= age)
    const total = (some: readonly number[]) => some.reduce((t, value) => t + value, 0)
    const foretold = predictSpend(
      spending,
      { purchases: past.length, mean: total(values.slice(0, past.length)) / past.length },
      expectedPurchases(model, { again: past.length - 1, last: past.at(-1)!, age }, 52),
    )!
    const came = total(values.slice(past.length))
    expected += foretold.expected
    observed += came
    if (came > foretold.high) above++
    if (came < foretold.low) below++
  }
  return { ratio: expected / observed, above: above / customers, below: below / customers }
}

/** The mean error of the purchases foretold for a half year that was kept back. */
const holdout = (populations: number) => {
  const errors: number[] = []
  for (let seed = 1; seed <= populations; seed++) {
    const chance = chanceFrom(seed)
    const truth = TRUTHS[seed % TRUTHS.length]!
    const gathering = gatherer('ORDER', DAY_OF_LEARNING)
    for (let n = 0; n < CUSTOMERS; n++) {
      const age = 40 + 100 * chance()
      const first = DAY_OF_LEARNING - age * 7
      const days = [...new Set(buyer(chance, truth, age).map((at) => Math.floor(first + 7 * at)))]
      gathering.take({ list: days.map((day) => ({ day, amount: null, recordId: '' })), currency: null })
    }
    const learned = settle(learnBuying(gathering.gathered(), null))
    if (learned) errors.push(learned.report.holdoutError!)
  }
  return { mean: errors.reduce((t, error) => t + error, 0) / errors.length, learned: errors.length }
}

/** Months of customers without any season: some grow, some buy seldom, some at one go. */
const WITHOUT_SEASON: Readonly<Record<string, (chance: Chance, month: number) => number>> = {
  steady: (chance) => poisson(chance, 2),
  seldom: (chance) => poisson(chance, 0.3),
  uneven: (chance) => Math.exp(normal(chance)),
  'at one go': (chance) => (chance() < 0.5 ? 0 : Math.exp(2 * normal(chance))),
  growing: (chance, month) => 100 + 3 * month + 10 * normal(chance),
  'growing fast': (chance, month) => 100 * 1.04 ** month * Math.exp(0.2 * normal(chance)),
  'more and more often': (chance, month) => poisson(chance, 0.3 + 0.05 * month),
}

/** How often a season is found where there is none, at worst: for each way to buy and each number of years. */
const falseSeasons = (series: number) => {
  const rates = Object.entries(WITHOUT_SEASON).flatMap(([name, month]) =>
    [2, 3, 4, 5].map((years) => {
      const chance = chanceFrom(years)
      let [wrong, tested] = [0, 0]
      for (let n = 0; n < series; n++) {
        const found = seasonsOf(
          Array.from({ length: 12 * years }, (_, m) => month(chance, m)),
          n % 12,
          100,
        )
        if (found) tested++
        if (found?.isSeasonal) wrong++
      }
      return { name: `${name}, ${years} years`, rate: wrong / tested }
    }),
  )
  return rates.sort((a, b) => b.rate - a.rate)
}

/** How often it is found where a customer buys two and a half times as much in two months of each year. */
const foundSeasons = (series: number, years: number) => {
  const chance = chanceFrom(years)
  let found = 0
  for (let n = 0; n < series; n++) {
    const totals = Array.from({ length: 12 * years }, (_, m) => poisson(chance, m % 12 >= 10 ? 10 : 4))
    if (seasonsOf(totals, 0, 100)?.isSeasonal) found++
  }
  return found / series
}

/** How often a trend is found where there is none. */
const falseTrends = (series: number) => {
  const flat = ['steady', 'seldom', 'uneven', 'at one go'].map((name) => {
    const chance = chanceFrom(1)
    let [wrong, tested] = [0, 0]
    for (let n = 0; n < series; n++) {
      const totals = Array.from({ length: 24 }, (_, month) => WITHOUT_SEASON[name]!(chance, month))
      const found = trendOf(totals, 30)
      if (found) tested++
      if (found && found.direction !== 'STEADY') wrong++
    }
    return wrong / tested
  })
  return Math.max(...flat)
}

/** @returns the report of `npm run bench -- statistics` @param args `--populations`, `--series` */
export const benchStatistics = (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: {
      populations: { type: 'string', default: '20' },
      series: { type: 'string', default: '4000' },
    },
  })
  const [populations, series] = [Number(values.populations), Number(values.series)]
  const recovered = recovery(populations)
  say('how often customers buy again is found')
  const spendingRecovered = spendingRecovery(populations)
  say('what they spend is found')
  const foretold = foretelling(5 * series)
  const kept = holdout(Math.ceil(populations / 2))
  say('what they will do is foretold')
  const seasons = falseSeasons(series)
  say('seasons are looked for')
  const sure = replay(5, 3 * series)
  say('what people decide is learned from')
  return Promise.resolve(
    reportOf(
      'statistics',
      { populations, series },
      {
        figures: [
          figure('populations of 2,000 customers', populations * TRUTHS.length),
          figure('spend of a year, foretold over observed', foretold.ratio),
          figure('purchases of a half year kept back, mean error', 100 * kept.mean, '%'),
          figure('populations that could be learned from', kept.learned),
          figure('a season is found most often where there is none', seasons[0]!.name),
          figure(
            'insights: promised less observed before anybody decided, at worst',
            farthest(sure.before),
            'points',
          ),
          ...sure.after.map(({ band, judged, promised, observed }) =>
            figure(
              `insights ${band}: promised, observed, of how many`,
              `${promised}, ${observed}, ${judged}`,
            ),
          ),
          ...[2, 3, 5].map((years) =>
            figure(
              `a season of 2.5 times is found within ${years} years`,
              100 * foundSeasons(series / 4, years),
              '%',
            ),
          ),
        ],
        bars: [
          bar('buying again: parameters within their bounds', 100 * recovered, 'at least', 90, '%'),
          bar('spending: parameters within their bounds', 100 * spendingRecovered, 'at least', 90, '%'),
          bar('spend of a year above its upper bound', 100 * foretold.above, 'at most', 11, '%'),
          bar('spend of a year below its lower bound', 100 * foretold.below, 'at most', 11, '%'),
          bar('a season where there is none, at worst', 100 * seasons[0]!.rate, 'at most', 5, '%'),
          bar('a trend where there is none, at worst', 100 * falseTrends(series), 'at most', 6, '%'),
          bar(
            'insights: promised less observed once people have decided, at worst',
            farthest(sure.after),
            'at most',
            5,
            'points',
          ),
        ],
        detail: { seasons, sure },
      },
    ),
  )
}
