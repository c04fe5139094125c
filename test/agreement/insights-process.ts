/**
 * Insights in a process of its own, to be killed: argv = what it is started with (JSON). Its clock stands still, and goes where it is told
 * to by a message; each is answered by the same.
 */
import { systemClock, TestClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { SHARED_SECRET, startWith } from '#test/kit/subgraph.ts'

const { urls, port, siblings, now } = JSON.parse(process.argv[2] ?? '')
const clock = new TestClock(now)
process.on('message', (at: string) => {
  clock.set(at)
  process.send?.(at)
})
// Whoever started it has ended.
process.on('disconnect', () => process.exit())
const seal = principalSeal(SHARED_SECRET, systemClock)
await startInsights(startWith(urls, { port, siblings, clock, seal }))
process.send?.('ready')
