/**
 * Markets whose truth is known, that play the same each time: what advice is measured against.
 * halfway    the markup over cost at which half of all quotes are taken
 * steepness  how sharply that falls around it
 */

/** Chance that plays the same each time, from 0 (included) to 1 (excluded). */
export const drawsOf = (seed: number): (() => number) => {
  let state = (seed * 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export interface Curve {
  halfway: number
  steepness: number
}

/** The markup that truly earns most of a curve, found by looking at all of them: no formula of the product's is believed. */
export const trulyBest = ({ halfway, steepness }: Curve): number => {
  let [best, most] = [1, 0]
  for (let markup = 1; markup < 4; markup += 0.0005) {
    const profit = (markup - 1) / (1 + Math.exp(steepness * (markup - halfway)))
    if (profit > most) [best, most] = [markup, profit]
  }
  return best
}

/** Quotes at markups all over, decided along a curve. */
export const quotesAlong = (draw: () => number, count: number, { halfway, steepness }: Curve) =>
  Array.from({ length: count }, () => {
    const markup = 1.05 + draw() * 0.6
    const isWon = draw() < 1 / (1 + Math.exp(steepness * (markup - halfway)))
    return { markup, isWon }
  })

/**
 * How far the halfway markups of a market lie apart, as standard deviations: from customer to customer, from one year to the next, and for
 * ten times the quantity.
 */
export interface Restlessness {
  customer: number
  year: number
  tenfold: number
}
export const MARKETS = {
  steady: { customer: 0, year: 0, tenfold: 0 },
  moving: { customer: 0.05, year: 0.05, tenfold: 0.03 },
  restless: { customer: 0.1, year: 0.1, tenfold: 0.06 },
} as const satisfies Record<string, Restlessness>

export const ASKED = { componentId: 'this', family: 'own', accountId: 'customer 1', quantity: 300 }
export const NOW = new Date('2026-11-01T00:00:00Z')
const DAY_MS = 86_400_000
const MONTH_DAYS = 30.5

const normalFrom = (draw: () => number) => () =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/**
 * The decided quotes of a category of parts over two years: those of a part, of its family, and of others, which sell a little
 * differently; and the curve along which the quote asked for would be decided today.
 */
export const priceMarket = (seed: number, { customer, year, tenfold }: Restlessness) => {
  const draw = drawsOf(seed)
  // What moves has chance of its own: a steady market has the same quotes whatever others do.
  const normal = normalFrom(drawsOf(seed + 1_000_003))
  const customers = Array.from({ length: 8 }, () => customer * normal())
  const months = [0]
  while (months.length <= 24) months.push(months.at(-1)! + (year / Math.sqrt(12)) * normal())
  const perTenfold = tenfold * normal()
  const curve: Curve = { halfway: 1.15 + draw() * 0.35, steepness: 6 + draw() * 14 }
  const near = (by: number): Curve => ({
    halfway: curve.halfway + (draw() - 0.5) * by,
    steepness: curve.steepness * (1 + (draw() - 0.5) * by),
  })
  const parts = [
    { componentId: 'this', family: 'own', curve, count: 15 + Math.floor(draw() * 60) },
    ...['b', 'c'].map((componentId) => ({ componentId, family: 'own', curve: near(0.06), count: 20 })),
    ...['d', 'e', 'f'].map((componentId) => ({ componentId, family: 'other', curve: near(0.12), count: 20 })),
  ]
  const decided = parts.flatMap(({ componentId, family, curve: own, count }) =>
    Array.from({ length: count }, (_, n) => {
      const [markup, chance] = [1.05 + draw() * 0.6, draw()]
      const who = Math.floor(draw() * 8)
      const quantity = Math.round(10 ** (1 + draw() * 3))
      const ageDays = draw() * 730
      const halfway =
        own.halfway +
        (customers[who]! - customers[1]!) +
        months[Math.floor(ageDays / MONTH_DAYS)]! +
        perTenfold * Math.log10(quantity / ASKED.quantity)
      return {
        ...{
          rfqId: `${componentId} ${n}`,
          componentId,
          family,
          accountId: `customer ${who}`,
          markup,
          quantity,
        },
        isWon: chance < 1 / (1 + Math.exp(own.steepness * (markup - halfway))),
        decidedAt: new Date(NOW.getTime() - ageDays * DAY_MS),
      }
    }),
  )
  return { curve, decided }
}

/** A part whose orders come by chance, in lots of chance; and the service that a reorder point gives it over many deliveries. */
export const stockMarket = (seed: number) => {
  const draw = drawsOf(seed)
  const normal = normalFrom(draw)
  const [rate, middle, spread] = [0.02 + draw() * 0.4, 1 + draw() * 4, 0.3 + draw() * 0.7]
  const [leadTime, onTime] = [14 + Math.floor(draw() * 50), 0.6 + draw() * 0.39]
  const size = () => Math.max(1, Math.round(Math.exp(middle + spread * normal())))
  const on = (days: number): number[] => {
    const orders: number[] = []
    // Time between orders is exponential.
    for (let day = -Math.log(1 - draw()) / rate; day < days; day += -Math.log(1 - draw()) / rate)
      orders.push(size())
    return orders
  }
  const serviceOf = (reorderPoint: number, cycles: number): number => {
    let kept = 0
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      let stock = reorderPoint * 2 + size() * draw()
      while (stock > reorderPoint) stock -= size()
      const wait = draw() < onTime ? leadTime : Math.ceil(leadTime * 1.5)
      if (on(wait).reduce((left, pieces) => left - pieces, stock) >= 0) kept += 1
    }
    return kept / cycles
  }
  return { history: on(730), leadTime, onTime, serviceOf }
}

/** A part as far as it matters whether another one does in its place. */
interface Fitting {
  category: string | null
  family: string | null
  manufacturer: string
  parameters: readonly { name: string; value: string; unit: string | null }[]
}

/** What may only be better, by category; all else but the packing must be the same. Written apart from the product's own rules. */
const BETTER: Readonly<
  Record<string, Readonly<Record<string, (asked: string, offered: string) => boolean>>>
> = {
  Microcontrollers: {
    flash: (a, b) => Number(b) >= Number(a),
    temperature: (a, b) => Number(b) >= Number(a),
  },
  'Power Management': { temperature: (a, b) => Number(b) >= Number(a) },
  Capacitors: { voltage: (a, b) => Number(b) >= Number(a), tolerance: (a, b) => Number(b) <= Number(a) },
  Resistors: { tolerance: (a, b) => Number(b) <= Number(a) },
  Inductors: {
    tolerance: (a, b) => Number(b) <= Number(a),
    shield: (a, b) => ['none', 'semi', 'full'].indexOf(b) >= ['none', 'semi', 'full'].indexOf(a),
  },
  Connectors: {
    plating: (a, b) => {
      const from = ['tin', 'flash', 'light-gold', 'selective', 'gold']
      return from.indexOf(b) >= from.indexOf(a)
    },
  },
}
const GRADES = ['commercial', 'industrial', 'automotive']
const ANYTHING: readonly string[] = ['packing', 'reel', 'revision']

/** The hard parameters of a part that another one would violate in its place. */
export const violations = (asked: Fitting, offered: Fitting): string[] => {
  if (asked.family !== offered.family || asked.category !== offered.category) return ['family']
  return asked.parameters
    .filter(({ name }) => !ANYTHING.includes(name))
    .filter(({ name, value, unit }) => {
      const other = offered.parameters.find((each) => each.name === name)
      if (!other) return true
      if (other.value === value && other.unit === unit) return false
      if (name === 'grade') return GRADES.indexOf(other.value) < GRADES.indexOf(value)
      const isBetter = BETTER[asked.category ?? '']?.[name]
      return !isBetter || other.unit !== unit || !isBetter(value, other.value)
    })
    .map(({ name }) => name)
}
