import { expect, it } from 'vitest'
import { adviseStock, chanceToRunOut, leadTimesOf } from '#subgraphs/inventory/domain/stock-levels.ts'
import { drawsOf, stockMarket } from '../../bench/markets.ts'

const costs = { order: 40, piece: 2, holding: 0.2 }

it.each([0.9, 0.95])(
  'keeps %d of the deliveries waited for without turning anybody away, give or take three points',
  (serviceLevel) => {
    const served: number[] = []
    for (let seed = 1; seed <= 25; seed += 1) {
      const { history, leadTime, onTime, serviceOf } = stockMarket(seed)
      const advice = adviseStock({ orders: history, days: 730 }, leadTimesOf(leadTime, onTime), {
        ...{ serviceLevel, costs },
      })
      if (advice) served.push(serviceOf(advice.reorderPoint, 300))
    }
    expect(served.length).toBeGreaterThan(20)
    const mean = served.reduce((sum, each) => sum + each, 0) / served.length
    expect(Math.abs(mean - serviceLevel)).toBeLessThan(0.03)
  },
)

it('holds more of what is ordered more, waited for longer, or promised to more', () => {
  const orders = [10, 40, 25, 60, 5, 30, 80, 20, 15, 45]
  const point = (days: number, wait: number, serviceLevel: number) =>
    adviseStock({ orders, days }, [{ days: wait, chance: 1 }], { serviceLevel, costs })!.reorderPoint
  expect(point(200, 30, 0.95)).toBeGreaterThan(point(700, 30, 0.95))
  expect(point(700, 60, 0.95)).toBeGreaterThan(point(700, 30, 0.95))
  expect(point(700, 30, 0.99)).toBeGreaterThan(point(700, 30, 0.9))
})

it('orders as many as make placing and holding cost the same', () => {
  const orders = Array<number>(73).fill(10)
  const advice = adviseStock({ orders, days: 365 }, [{ days: 20, chance: 1 }], {
    serviceLevel: 0.95,
    costs: { order: 50, piece: 4, holding: 0.25 },
  })!
  expect(advice.demandPerDay).toBe(2)
  // Two a day, fifty to place, one a year to hold: the root of 2 · 730 · 50 / 1.
  expect(advice.orderQuantity).toBe(Math.ceil(Math.sqrt(73_000)))
})

it('says nothing of a part that was hardly ever ordered', () => {
  const ask = { serviceLevel: 0.95, costs }
  expect(adviseStock({ orders: [3, 5, 1], days: 700 }, leadTimesOf(20, 0.9), ask)).toBeNull()
  expect(adviseStock({ orders: [0, 0, 0, 0, 9], days: 700 }, leadTimesOf(20, 0.9), ask)).toBeNull()
  expect(adviseStock({ orders: [1, 2, 3, 4], days: 0 }, leadTimesOf(20, 0.9), ask)).toBeNull()
})

it('expects a supplier that nobody knows to be late now and then', () => {
  expect(leadTimesOf(20, null)).toEqual([
    { days: 20, chance: 0.8 },
    { days: 30, chance: expect.closeTo(0.2) },
  ])
  expect(leadTimesOf(20, 1)).toEqual([{ days: 20, chance: 1 }])
})

it('orders no fewer than the supplier sells', () => {
  const orders = Array<number>(73).fill(10)
  const ask = (minimumQuantity: number) =>
    adviseStock({ orders, days: 365 }, [{ days: 20, chance: 1 }], {
      serviceLevel: 0.95,
      costs,
      minimumQuantity,
    })!
  expect(ask(5_000).orderQuantity).toBe(5_000)
  expect(ask(1).orderQuantity).toBeLessThan(5_000)
})

/** Sizes of orders that come by chance, so many a day on average. */
const sold = (draw: () => number, perDay: number, days: number): number[] => {
  const sizes: number[] = []
  for (let day = -Math.log(1 - draw()) / perDay; day < days; day += -Math.log(1 - draw()) / perDay)
    sizes.push(1 + Math.floor(draw() * 40))
  return sizes
}

it('is as sure of what is sold as what is sold really is within a quarter of that', () => {
  const draw = drawsOf(5)
  let [near, said] = [0, 0]
  for (let n = 0; n < 400; n += 1) {
    const { demandPerDay, confidence } = adviseStock(
      { orders: sold(draw, 0.04, 730), days: 730 },
      [{ days: 20, chance: 1 }],
      { serviceLevel: 0.95, costs },
    )!
    const really = 0.04 * 20.5
    if (Math.abs(demandPerDay / really - 1) <= 0.25) near += 1
    said += confidence / 100
  }
  expect(Math.abs(near - said) / 400).toBeLessThan(0.05)
})

it('tells the chance that a part is sold out before a delivery comes', () => {
  const draw = drawsOf(9)
  const history = { orders: sold(draw, 0.2, 730), days: 730 }
  for (const [free, wait] of [
    [60, 30],
    [130, 30],
    [200, 30],
  ] as const) {
    let out = 0
    for (let n = 0; n < 2_000; n += 1)
      if (sold(draw, 0.2, wait).reduce((sum, each) => sum + each, 0) > free) out += 1
    expect(Math.abs(chanceToRunOut(history, [{ days: wait, chance: 1 }], free) - out / 2_000)).toBeLessThan(
      0.06,
    )
  }
  expect(chanceToRunOut({ orders: [], days: 730 }, [{ days: 30, chance: 1 }], 0)).toBe(0)
})
