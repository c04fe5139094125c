import Big from 'big.js'
import type { Evidence, RecommendationKind } from './recommendations.ts'
import type { Severity } from './supply-risks.ts'

/** A recommendation, as far as it is summed up. */
interface Told {
  kind: RecommendationKind
  line: number | null
  partNumber: string | null
  alternativePartNumber: string | null
  amount: string | null
  currency: string | null
  severity: Severity | null
  reasoning: string
  confidence: number
  evidence: readonly Evidence[]
  givenBy: string | null
}

/** Everything that is recommended for a request, by kind, with what it comes to. */
export interface Insights<T> {
  summary: string[]
  total: { amount: string; currency: string } | null
  cost: { amount: string; currency: string } | null
  pricedLines: number
  prices: T[]
  alternatives: T[]
  stockLevels: T[]
  supplyRisks: T[]
}

const sum = (amounts: readonly Big[]): string =>
  amounts.reduce((total, each) => total.plus(each), new Big(0)).toFixed(4)
const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/**
 * Sums up what is recommended for a request. Of a line that several prices are recommended for, that of our own method counts.
 * @param lines its lines, with how many are asked for
 */
export const sumUpInsights = <T extends Told>(
  rfq: { number: string; currency: string },
  lines: readonly { line: number; quantity: number }[],
  told: readonly T[],
): Insights<T> => {
  const of = (kind: RecommendationKind): T[] => told.filter((each) => each.kind === kind)
  const [prices, alternatives, stockLevels, supplyRisks] = [
    of('PRICING'),
    of('ALTERNATIVE'),
    of('STOCK_LEVEL'),
    of('SUPPLY_RISK'),
  ]
  const priced = lines.flatMap(({ line, quantity }) => {
    const own = prices.filter((each) => each.line === line && each.currency === rfq.currency)
    const price = own.find(({ givenBy }) => givenBy === null) ?? own[0]
    return price ? [{ price, quantity }] : []
  })
  const costs = priced.flatMap(({ price, quantity }) => {
    const cost = price.evidence.find(({ name }) => name === 'cost')
    return cost ? [new Big(cost.value).times(quantity)] : []
  })
  const total = sum(priced.map(({ price, quantity }) => new Big(price.amount ?? 0).times(quantity)))
  const cost = sum(costs)
  // What some lines cost says nothing beside what all of them bring.
  const isWhole = costs.length === priced.length && new Big(cost).gt(0)
  const money = (amount: string) => ({ amount, currency: rfq.currency })
  const worst = supplyRisks.filter(({ severity }) => severity === 'HIGH')
  const unsure = prices.filter(({ confidence }) => confidence < 50)
  return {
    summary: [
      priced.length === 0
        ? `For none of the ${some(lines.length, 'line')} of ${rfq.number} is enough known to recommend a price.`
        : `${priced.length} of ${some(lines.length, 'line')} of ${rfq.number} have a recommended price; they come to ${total} ${rfq.currency}.`,
      ...(priced.length > 0 && isWhole
        ? [
            `That is ${new Big(total).div(cost).minus(1).times(100).toFixed(0)} % over what the parts cost us.`,
          ]
        : []),
      ...(unsure.length > 0
        ? [`${some(unsure.length, 'price')} rest on little: somebody should look at them.`]
        : []),
      ...alternatives.map(
        ({ partNumber, alternativePartNumber, reasoning }) =>
          `${alternativePartNumber} can stand in for ${partNumber}: ${reasoning}`,
      ),
      ...worst.map(({ partNumber, reasoning }) => `${partNumber ?? 'A supplier'}: ${reasoning}`),
    ],
    total: priced.length === 0 ? null : money(total),
    cost: priced.length > 0 && isWhole ? money(cost) : null,
    pricedLines: priced.length,
    ...{ prices, alternatives, stockLevels, supplyRisks },
  }
}
