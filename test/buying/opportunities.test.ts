import { describe, expect, it } from 'vitest'
import {
  type BasketsModel,
  basketGatherer,
  LEAST_SUPPORT,
} from '#subgraphs/insights/domain/buying/baskets.ts'
import { purchasesOf } from '#subgraphs/insights/domain/buying/purchases.ts'
import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import type { Signal } from '#subgraphs/insights/domain/signal.ts'
import { chance, NOW, shuffled } from '#test/insights/facts.ts'
import { findingsOf, line, order } from './bought.ts'

const KINDS = ['Connectors', 'Memory', 'Microcontrollers', 'Relays', 'Sensors']

/** One customer's orders of last year, with what each kind of part came to. */
const buys = (spent: Partial<Record<string, number>>, unit = 'USD'): Signal[] => [
  order(
    100,
    Object.values(spent).reduce<number>((t, each) => t + each!, 0),
    {
      unit,
      details: { lines: Object.entries(spent).map(([category, amount]) => line(category, `${amount}`)) },
    },
  ),
]
/** What is learned from these customers. */
const learnedFrom = (customers: readonly Signal[][]): BasketsModel => {
  const gatherer = basketGatherer(NOW)
  for (const signals of customers) gatherer.take(purchasesOf(knownAt(signals, NOW))!)
  return { version: 4, ...gatherer.learned()! }
}

/** Of who buys microcontrollers, most buy memory as well; what else they buy is chance. */
const crowd = (count: number, seed = 1) => {
  const random = chance(seed)
  return Array.from({ length: count }, () => {
    const spent: Partial<Record<string, number>> = {}
    for (const kind of KINDS) if (random() < 0.3) spent[kind] = 1000 * (0.5 + random())
    if (spent.Microcontrollers && random() < 0.8) spent.Memory = 2000 * (0.5 + random())
    spent.Resistors = 500 * (0.5 + random())
    return buys(spent)
  })
}

describe('what is bought together', () => {
  it('is found where chance does not explain it, with how many buy both and how much oftener', () => {
    const { rules } = learnedFrom(crowd(400))
    const found = rules.find(
      ({ because, category }) => because === 'Microcontrollers' && category === 'Memory',
    )!
    expect(found.support).toBeGreaterThan(60)
    expect(found.lift).toBeGreaterThan(1.3)
    // Four in five buy both: the lower bound of what was seen is below, and not far.
    expect(found.confidence).toBeGreaterThan(65)
    expect(found.confidence).toBeLessThan(86)
  })

  it('is rarely anything where nothing hangs together', () => {
    const random = chance(5)
    let wrong = 0
    for (let n = 0; n < 100; n++) {
      const customers = Array.from({ length: 120 }, () =>
        buys(
          Object.fromEntries(['Resistors', ...KINDS.filter(() => random() < 0.4)].map((kind) => [kind, 100])),
        ),
      )
      if (learnedFrom(customers).rules.length > 0) wrong++
    }
    expect(wrong).toBeLessThanOrEqual(10)
  })

  it('is nothing for few customers, and of pairs that few buy', () => {
    const gatherer = basketGatherer(NOW)
    for (const signals of crowd(49)) gatherer.take(purchasesOf(knownAt(signals, NOW))!)
    expect(gatherer.learned()).toBeNull()
    const rare = [
      ...crowd(200),
      ...Array.from({ length: LEAST_SUPPORT - 1 }, () => buys({ Gears: 10, Bolts: 10 })),
    ]
    expect(learnedFrom(rare).rules.filter(({ category }) => category === 'Gears')).toEqual([])
    const enough = [...rare, buys({ Gears: 10, Bolts: 10 })]
    expect(learnedFrom(enough).rules.filter(({ category }) => category === 'Gears')).toHaveLength(1)
  })

  it('is looked for among the three hundred kinds with most buyers, however many kinds there are', () => {
    const among = (kinds: number) => {
      const random = chance(3)
      const customers = Array.from({ length: 60 }, (_, n) => {
        // Each common kind has 15 buyers, the rare ones 12, the same for both.
        const common = Array.from({ length: kinds }, (_, kind) => `K${kind}`).filter(
          (_, kind) => (n + kind) % 4 === 0,
        )
        const rare = n < 12 ? ['Rare gears', 'Rare bolts'] : []
        return buys(Object.fromEntries(shuffled(random, [...common, ...rare]).map((kind) => [kind, 100])))
      })
      return learnedFrom(customers).rules.filter(({ because }) => because.startsWith('Rare'))
    }
    expect(
      among(10)
        .map(({ category }) => category)
        .sort(),
    ).toEqual(['Rare bolts', 'Rare gears'])
    expect(among(300)).toEqual([])
  })

  it('is the same in whatever order customers are read, and of one currency', () => {
    const customers = crowd(120)
    const euros = crowd(60, 2).map((signals) => signals.map((signal) => ({ ...signal, unit: 'EUR' })))
    const model = learnedFrom([...euros, ...customers])
    expect(model.currency).toBe('USD')
    expect(learnedFrom(shuffled(chance(9), customers))).toEqual({ ...model, categories: expect.anything() })
  })
})

describe('what a customer may want to buy', () => {
  const model = learnedFrom(crowd(400))
  const opportunitiesOf = (signals: Signal[]) => findingsOf(signals, { baskets: model }).values.opportunities

  it('is a kind that who buys the same buys too, for what that comes to in a year', () => {
    const found = opportunitiesOf(buys({ Microcontrollers: 900, Resistors: 500 }))!
    expect(found).toMatchObject({ currency: 'USD', modelVersion: 4 })
    expect(found.list[0]).toMatchObject({
      type: 'CROSS_SELL',
      category: 'Memory',
      because: 'Microcontrollers',
    })
    expect(found.list[0]!.value).toBe(model.categories.Memory!.yearly)
    expect(found.list[0]!.confidence).toBeGreaterThan(50)
    expect(found.list[0]!.confidence).toBeLessThanOrEqual(69)
  })

  it('is no kind that it buys already, unless others spend more of their money on it', () => {
    const much = opportunitiesOf(buys({ Microcontrollers: 900, Memory: 3000, Resistors: 500 }))?.list ?? []
    expect(much.filter(({ category }) => category === 'Memory')).toEqual([])
    const little = opportunitiesOf(buys({ Microcontrollers: 9000, Memory: 20, Resistors: 5000 }))!.list
    const more = little.find(({ category }) => category === 'Memory')!
    expect(more).toMatchObject({ type: 'UPSELL', because: null, lift: null })
    expect(Number(more.value)).toBeGreaterThan(1000)
  })

  it('is nothing in another currency, without lines, and before anything was learned', () => {
    expect(opportunitiesOf(buys({ Microcontrollers: 900 }, 'EUR'))).toBeUndefined()
    expect(opportunitiesOf([order(10)])).toBeUndefined()
    expect(findingsOf(buys({ Microcontrollers: 900 })).values.opportunities).toBeUndefined()
  })

  it('is told with the most valuable first, and at most five', () => {
    const wide = {
      ...model,
      rules: Array.from({ length: 9 }, (_, n) => ({
        ...{ because: 'Resistors', category: `Kind ${n}`, support: 100, lift: 2, confidence: 50 },
      })),
      categories: Object.fromEntries(
        Array.from({ length: 9 }, (_, n) => [
          `Kind ${n}`,
          { buyers: 100, yearly: `${100 * n}.00`, shares: [] },
        ]),
      ),
    }
    const { list } = findingsOf(buys({ Resistors: 10 }), { baskets: wide }).values.opportunities!
    expect(list.map(({ value }) => value)).toEqual(['800.00', '700.00', '600.00', '500.00', '400.00'])
  })
})
