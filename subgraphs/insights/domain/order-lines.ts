import Big from 'big.js'
import type { OrderLine } from './signal.ts'

/** Lines kept of one order: whoever buys more at once is known well enough by what it spent most on. */
const MOST_LINES = 50

/**
 * What an order is of, each category, family and manufacturer once.
 * @param parts part by part, in any order
 * @returns the largest by amount; of equals, in the order of their names
 */
export const orderLines = (parts: readonly OrderLine[]): OrderLine[] => {
  const nameOf = ({ category, family, manufacturer }: OrderLine) =>
    [category ?? '', family ?? '', manufacturer].join('\n')
  const alike = [...Map.groupBy(parts, nameOf)].sort(([a], [b]) => (a < b ? -1 : 1))
  const added = alike.map(([, [first, ...more]]): OrderLine => {
    const { category, family, manufacturer, quantity, amount } = first!
    return {
      ...{ category, family, manufacturer },
      quantity: more.reduce((sum, line) => sum + line.quantity, quantity),
      amount: more.reduce((sum, line) => sum.plus(line.amount), new Big(amount)).toFixed(),
    }
  })
  return added.sort((a, b) => new Big(b.amount).cmp(a.amount)).slice(0, MOST_LINES)
}
