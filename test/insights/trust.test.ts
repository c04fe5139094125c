import { describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { learnWhatWasRight } from '#subgraphs/insights/commands/learn-trust.ts'
import { detectors } from '#subgraphs/insights/domain/detectors.ts'
import { type DetectorTrust, isTrustMoved, learnTrust, trusted } from '#subgraphs/insights/domain/trust.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { DEMO, EMPTY } from '#test/kit/subgraph.ts'
import { farthest, replay } from '../../bench/simulated-deciding.ts'
import { NOW } from './facts.ts'
import { debtor, insightsIn } from './insight-facts.ts'
import { demoWorld, start } from './running.ts'

const CEILINGS = [69, 85, 100] as const
const trust = (judged: number, share: number): DetectorTrust => ({ methodVersion: 1, judged, share })

describe('how sure an insight is', () => {
  it('is what facts say while nobody has decided, and comes to how often its detector was right', () => {
    expect(trusted(60, undefined, 1, CEILINGS)).toBe(60)
    expect(trusted(60, trust(20, 0.2), 2, CEILINGS)).toBeCloseTo(40, 9)
    expect(trusted(60, trust(1980, 0.2), 2, CEILINGS)).toBeCloseTo(20.4, 9)
    expect(trusted(60, trust(1980, 0.8), 2, CEILINGS)).toBeCloseTo(79.8, 9)
  })

  it('counts what fifty people decided as one more source, and never passes its ceiling', () => {
    expect(trusted(69, trust(49, 1), 1, CEILINGS)).toBe(69)
    expect(trusted(69, trust(50, 1), 1, CEILINGS)).toBe(85)
    expect(trusted(85, trust(5000, 1), 2, CEILINGS)).toBeCloseTo(99.94, 2)
  })

  it('learns of a detector as it is now alone, and nothing that would move nobody by a point', () => {
    const { version } = detectors.inactive
    const learned = learnTrust([
      { detector: 'inactive', methodVersion: version - 1, judged: 90, right: 0 },
      { detector: 'inactive', methodVersion: version, judged: 40, right: 30 },
      { detector: 'supply-risk', methodVersion: 1, judged: 40, right: 30 },
    ])
    expect(learned).toEqual({ detectors: { inactive: { methodVersion: version, judged: 40, share: 0.75 } } })
    const more = (judged: number, share: number) => ({
      detectors: { inactive: { ...learned.detectors.inactive!, judged, share } },
    })
    expect(isTrustMoved(undefined, learned)).toBe(true)
    expect(isTrustMoved(learned, more(41, 0.75))).toBe(false)
    expect(isTrustMoved(learned, more(41, 0.73))).toBe(true)
    expect(isTrustMoved(learned, more(50, 0.75))).toBe(true)
  })

  it('keeps its word within five points in every band of a made-up world, once people have decided', () => {
    const { before, after } = replay(21, 5000)
    expect(farthest(before)).toBeGreaterThan(20)
    expect(farthest(after)).toBeLessThanOrEqual(5)
    expect(after.filter(({ judged }) => judged >= 400).map(({ band }) => band)).toEqual([
      'HIGH',
      'MEDIUM',
      'LOW',
      'REVIEW',
    ])
  })
})

describe('what people decided', () => {
  it('makes insights more or less sure, of its own organisation alone, and once while nothing moves', async () => {
    await using hub = await start()
    const { bed } = hub
    const world = demoWorld()
    for (let n = 0; n < 40; n++) debtor(world, n)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    const overdue = "detector = 'payment-overdue'"
    const sure = async () =>
      new Set((await insightsIn(bed, `${overdue} and state = 'NEW'`)).map(({ confidence }) => confidence))
    const [before] = await sure()
    // Of thirty that somebody has judged twenty-seven were wrong.
    await bed.rows(`update insights.insights set state = 'DISMISSED', dismissed_for = 'WRONG', decided_at = '${NOW.toISOString()}'
      where ${overdue} and customer_id in (${Array.from({ length: 27 }, (_, n) => `'debtor-${n}'`).join()})`)
    await bed.rows(`update insights.insights set state = 'ACCEPTED', decided_at = '${NOW.toISOString()}'
      where ${overdue} and customer_id in ('debtor-27', 'debtor-28', 'debtor-29')`)
    const learn = (orgId: string) =>
      bed.database.transaction(orgId, (tx) =>
        learnWhatWasRight(asTransaction(tx), { orgId, clock: new TestClock(NOW) }),
      )
    expect(await learn(EMPTY)).toBeNull()
    expect(await learn(DEMO)).toBe(1)
    expect(await bed.scoreAll(NOW)).toBe(40)
    const [after] = await sure()
    expect(after).toBe(Math.round(before! * 0.4 + 10 * 0.6))
    // Nobody has decided on more: nothing is kept, and nobody judged, again.
    expect(await learn(DEMO)).toBeNull()
    expect(await bed.scoreAll(NOW)).toBe(0)
  })
})
