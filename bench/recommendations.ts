/** `npm run bench -- recommendations`: advice against markets whose truth is known. No hub is started: formulas are pure. */
import { parseArgs } from 'node:util'
import { Universe } from '../connectors/demo/index.ts'
import { alternativesFor, type Candidate } from '../subgraphs/inventory/domain/alternatives.ts'
import { quotesFor } from '../subgraphs/inventory/domain/part-advice.ts'
import { advisePrice, believe } from '../subgraphs/inventory/domain/pricing.ts'
import { adviseStock, leadTimesOf } from '../subgraphs/inventory/domain/stock-levels.ts'
import {
  ASKED,
  MARKETS,
  NOW,
  priceMarket,
  type Restlessness,
  stockMarket,
  trulyBest,
  violations,
} from './markets.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'

/** What of the best markup is told to lie within an interval, and how often it has to. */
const LEVELS = [0.5, 0.8, 0.95]
/** Histories that nobody looked at when the method was made begin here. */
const UNSEEN = 10_000

/** How often the truly best markup lies within the intervals that are advised. */
const priceCoverage = (cases: number, from: number, market: Restlessness) => {
  const missed: number[] = []
  const inside = LEVELS.map(() => 0)
  const widths: number[] = []
  const lost: number[] = []
  for (let seed = from + 1; seed <= from + cases; seed += 1) {
    const { curve, decided } = priceMarket(seed, market)
    const quotes = quotesFor(ASKED, decided, NOW)
    const advice = advisePrice(ASKED, quotes)
    if (!advice) continue
    const best = trulyBest(curve)
    const profit = (markup: number) =>
      (markup - 1) / (1 + Math.exp(curve.steepness * (markup - curve.halfway)))
    widths.push((advice.high - advice.low) / advice.markup)
    lost.push(1 - profit(advice.markup) / profit(best))
    if (best < advice.low || best > advice.high) missed.push(seed)
    const belief = believe(ASKED, quotes)
    LEVELS.forEach((level, i) => {
      const isInside = belief.below((1 - level) / 2) <= best && best <= belief.below((1 + level) / 2)
      if (isInside) inside[i]! += 1
    })
  }
  const advised = widths.length
  return {
    advised,
    covered: (advised - missed.length) / advised,
    levels: inside.map((each) => each / advised),
    missed,
    width: mean(widths),
    lost: mean(lost),
  }
}

const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length

/** The service that reorder points really give, beside the one they were asked for. */
const serviceHeld = (parts: number, cycles: number, serviceLevel: number) => {
  const held: number[] = []
  for (let seed = 1; seed <= parts; seed += 1) {
    const { history, leadTime, onTime, serviceOf } = stockMarket(seed)
    const costs = { order: 40, piece: 2, holding: 0.2 }
    const advice = adviseStock({ orders: history, days: 730 }, leadTimesOf(leadTime, onTime), {
      serviceLevel,
      costs,
    })
    if (advice) held.push(serviceOf(advice.reorderPoint, cycles))
  }
  return { serviceLevel, parts: held.length, held: mean(held) }
}

/** Every stand-in for every part of the demo world, against rules that were written apart from the product's. */
const standIns = (companies: number) => {
  const universe = new Universe({ seed: 7, companies })
  const candidates = Array.from({ length: universe.parts }, (_, i): Candidate => {
    const part = universe.part(i)
    return { ...part, id: `${part.partNumber} ${part.manufacturer}`, free: 1_000, unitCost: part.unitCost }
  })
  const relatives = Map.groupBy(candidates, ({ family }) => family)
  const violated: string[] = []
  let found = 0
  for (const asked of candidates)
    for (const { candidate } of alternativesFor(asked, relatives.get(asked.family) ?? [], 1)) {
      found += 1
      violated.push(...violations(asked, candidate).map((name) => `${asked.id} → ${candidate.id}: ${name}`))
    }
  return { parts: candidates.length, found, violated }
}

export const benchRecommendations = async (argv: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args: argv.filter((word) => word !== 'recommendations'),
    options: {
      cases: { type: 'string', default: '200' },
      histories: { type: 'string', default: '1000' },
      parts: { type: 'string', default: '100' },
      cycles: { type: 'string', default: '1000' },
      companies: { type: 'string', default: '500' },
    },
  })
  const { cases, histories, parts, cycles, companies } = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value)]),
  ) as Record<keyof typeof values, number>
  say(`prices of ${cases} parts`)
  const prices = priceCoverage(cases, 0, MARKETS.steady)
  say(`what price intervals hold, over ${histories} parts of each kind of market`)
  const markets = Object.entries(MARKETS).map(([name, market]) => ({
    name,
    ...priceCoverage(histories, UNSEEN, market),
  }))
  const held = LEVELS.map((_, i) => mean(markets.map(({ levels }) => levels[i]!)))
  say(`stock levels of ${parts} parts over ${cycles} deliveries each`)
  const services = [0.9, 0.95, 0.98].map((level) => serviceHeld(parts, cycles, level))
  say('stand-ins for every part')
  const { violated, ...others } = standIns(companies)
  return reportOf(
    'recommendations',
    { cases, histories, parts, cycles, companies },
    {
      figures: [
        figure('histories from which a price was advised', prices.advised),
        figure('width of the interval, of the price', prices.width * 100, '%'),
        figure('profit lost against the true optimum', prices.lost * 100, '%'),
        ...markets.flatMap(({ name, levels, width, lost }) => [
          ...LEVELS.map((level, i) =>
            figure(
              `${name} market: best price within an interval of ${level * 100} %`,
              levels[i]! * 100,
              '%',
            ),
          ),
          figure(`${name} market: width of the interval of 95 %, of the price`, width * 100, '%'),
          figure(`${name} market: profit lost against the true optimum`, lost * 100, '%'),
        ]),
        ...services.map(({ serviceLevel, held, parts: n }) =>
          figure(`service held where ${serviceLevel * 100} % were asked, over ${n} parts`, held * 100, '%'),
        ),
        figure('parts in the demo world', others.parts),
        figure('stand-ins found for them', others.found),
      ],
      bars: [
        bar('price intervals that cover the true optimum', prices.covered * 100, 'at least', 90, '%'),
        ...LEVELS.map((level, i) =>
          bar(
            `points off an interval of ${level * 100} %, over all markets`,
            Math.abs(held[i]! - level) * 100,
            'at most',
            3,
            'points',
          ),
        ),
        ...services.map(({ serviceLevel, held }) =>
          bar(
            `points off a service level of ${serviceLevel * 100} %`,
            Math.abs(held - serviceLevel) * 100,
            'at most',
            3,
            'points',
          ),
        ),
        bar('stand-ins that violate a hard parameter', violated.length, 'at most', 0),
      ],
      detail: { prices, markets, services, standIns: { ...others, violated: violated.slice(0, 20) } },
    },
  )
}
