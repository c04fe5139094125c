import { expect, it } from 'vitest'
import { EventLog, type Follow, type LoggedEvent, type Stretch } from '#events/log.ts'
import { moveBatch } from '#events/sequencer.ts'
import { Turns } from '#events/turns.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget } from './follower.ts'
import { leaveRows } from './rows.ts'
import { ACME, BIG, changed, startSource, tell, waiting } from './source.ts'

const event = (orgId: string, pos: number): LoggedEvent => ({
  pos,
  orgId,
  key: 'k',
  name: 'n',
  version: 1,
  payload: {},
  occurredAt: systemClock.now(),
})

it('reads ahead past an organisation that is far behind, within bounded memory, and loses none of its events', () => {
  const turns = new Turns(0, { perOrg: 10, total: 15 })
  const log = Array.from({ length: 100 }, (_, i) => event(BIG, i + 1)).concat(event(ACME, 101))
  for (const each of log) turns.offer(each)
  expect(turns.held).toBe(11)
  expect(turns.low).toBe(0)
  const done: number[] = []
  const order: string[] = []
  for (let turn = turns.next(0, 4); turn; turn = turns.next(0, 4)) {
    if ('events' in turn) {
      order.push(turn.orgId)
      done.push(...turn.events.map(({ pos }) => pos))
      turns.settle(turn.orgId, turn.events.at(-1)!.pos)
    } else {
      const { after, until } = turn
      const missing = log.filter(({ orgId, pos }) => orgId === BIG && pos > after && pos <= until)
      const page = missing.slice(0, 10)
      turns.refill(turn.orgId, page, page.length < missing.length ? page.at(-1)!.pos : until, until)
    }
    expect(turns.held).toBeLessThanOrEqual(15)
  }
  expect(order.indexOf(ACME)).toBe(1)
  expect(done.filter((pos) => pos <= 100)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
  expect([turns.low, turns.isEmpty, turns.held]).toEqual([101, true, 0])
})

it('keeps reading an organisation anew while more of it is let go, and takes it in again once it is up to date', () => {
  const turns = new Turns(0, { perOrg: 2, total: 100 })
  for (let pos = 1; pos <= 4; pos++) turns.offer(event(BIG, pos))
  turns.settle(BIG, 2)
  expect(turns.next(0, 9)).toEqual({ orgId: BIG, after: 2, until: 4 })
  turns.offer(event(BIG, 5))
  turns.refill(BIG, [event(BIG, 3), event(BIG, 4)], 4, 4)
  turns.settle(BIG, 4)
  expect(turns.next(0, 9)).toEqual({ orgId: BIG, after: 4, until: 5 })
  turns.refill(BIG, [event(BIG, 5)], 5, 5)
  turns.offer(event(BIG, 6))
  expect(turns.next(0, 9)).toMatchObject({ events: [{ pos: 5 }, { pos: 6 }] })
})

/** A log that knows how far its followers were told. */
class WatchedLog extends EventLog {
  told = 0
  override stretches(options: Follow): AsyncIterableIterator<Stretch> {
    const inner = super.stretches(options)
    let last = 0
    const watched: AsyncIterableIterator<Stretch> = {
      next: async () => {
        // Asked for more: what was given before has been written.
        this.told = last
        const result = await inner.next()
        if (!result.done) last = result.value.position
        return result
      },
      return: () => inner.return!(),
      [Symbol.asyncIterator]: () => watched,
    }
    return watched
  }
}

it('does not let an import of 20,000 events delay the single event of another organisation', async () => {
  await using source = await startSource({ sequencer: false })
  await using log = new WatchedLog({ database: source.database, log: silentLog })
  await using feed = await serveFeed({ log })
  await using target = await startTarget()
  const move = async () => {
    while ((await waiting(source)) > 0)
      await moveBatch({ database: source.database, log: silentLog, clock: systemClock, batch: 5000 })
  }
  const whole = Array.from({ length: 20_000 }, (_, i) => i)
  await tell(
    source.database,
    BIG,
    whole.map((i) => changed(`k${i % 50}`, i)),
  )
  await move()
  // All of the import lies before it in the log: it is not the sequencer that helps here.
  await tell(source.database, ACME, [changed('a', 1)])
  await move()
  const batches: string[] = []
  await using consumer = follow(target, feed.url, {
    batch: 250,
    readAhead: { perOrg: 500, total: 1000 },
    apply: async (tx, orgId, events) => {
      // The first batch takes as long as it takes to read the log to its end.
      if (batches.push(orgId) === 1) await until(() => log.told === 20_001)
      await leaveRows(tx, orgId, events)
    },
  })
  await until(() => consumer.position() === 20_001)
  expect(batches.length).toBeGreaterThanOrEqual(81)
  // Some batches may go by while the last lines are on their way; without turns it would be the last.
  expect(batches.indexOf(ACME)).toBeGreaterThan(0)
  expect(batches.indexOf(ACME)).toBeLessThan(20)
  const order = (await target.effects()).filter(({ org }) => org === BIG).map(({ n }) => n)
  expect(order).toEqual(whole)
})
