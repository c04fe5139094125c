import { systemClock, TestClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { DEMO, SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'
import { insightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { says, World } from './world.ts'

export const seal = principalSeal(SHARED_SECRET, systemClock)

/** A running insights subgraph over a bed: with `worker`, it scores by itself. */
export const start = async ({ worker = false } = {}) => {
  const stack = new AsyncDisposableStack()
  const bed = stack.use(await insightsBed())
  const statements: string[] = []
  const clock = new TestClock(NOW)
  const insights = stack.use(
    await startInsights(
      startWith(bed.test.urls, { worker, clock, seal, onStatement: (text) => statements.push(text) }),
    ),
  )
  return { bed, clock, statements, url: insights.url!, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A world that is the demo organisation's. */
export const demoWorld = () => {
  const world = new World()
  Object.defineProperty(world, 'orgId', { value: DEMO })
  return world
}
/** Customers with a billing account each, of rising revenue. */
export const payers = (count: number, world = demoWorld()): World => {
  for (let i = 0; i < count; i++) {
    world.tell('customers.identity.changed', says.identity(`customer-${i}`, 1, [`WARP:ban-${i}`]))
    world.tell('telephony.account.changed', says.account(`ban-${i}`, 'CURRENT', String(i * 100)))
  }
  return world
}
