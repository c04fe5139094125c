import { describe, expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { TestClock } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import type { Jobs } from '#service/jobs.ts'
import type { TurnRows } from '#service/turns.ts'
import { organisationsToScore, scoreOrganisation } from '#subgraphs/insights/commands/score-customers.ts'
import { startScoring } from '#subgraphs/insights/jobs/score-due.ts'
import { SCORING_CHANNEL } from '#subgraphs/insights/store/news.ts'
import { recordingLog, silentLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { DAY, NOW } from './facts.ts'
import { says, World } from './world.ts'

/** Nobody is set aside here. */
const noAlarm = { jobs: {} as Jobs, sends: false }
const later = (days: number) => new Date(NOW.getTime() + days * DAY)

/** Customers with a company and a billing account each, told of in one batch of each source. */
const crowd = (count: number, world = new World()): World => {
  for (let i = 0; i < count; i++) {
    const accounts = [`HUBSPOT:company-${i}`, `WARP:ban-${i}`]
    world.tell('customers.identity.changed', says.identity(`customer-${i}`, 1, accounts))
    world.tell('customers.company.changed', says.company(`company-${i}`))
    world.tell('telephony.account.changed', says.account(`ban-${i}`))
  }
  return world
}
const scoredAt = async (bed: InsightsBed, world: World, at: Date): Promise<string[]> =>
  [...(await bed.scores(world.orgId)).values()]
    .filter((row) => row.as_of.getTime() === at.getTime())
    .map((row) => row.customer_id)
    .sort()

describe('who is scored', () => {
  it('only customers whose facts changed', async () => {
    await using bed = await insightsBed()
    const world = crowd(30)
    await bed.take(world.told, NOW)
    expect(await bed.scoreAll(NOW)).toBe(30)
    expect(await bed.scoreAll(NOW)).toBe(0)
    const soon = later(0.001)
    await bed.take(
      [
        world.tell('customers.ticket.changed', says.ticket('ticket', 'company-7')),
        world.tell('telephony.account.changed', says.account('ban-9', 'PAST_DUE')),
        world.tell('inventory.rfq.changed', says.rfq('rfq', 'an account that is nobody yet')),
      ],
      soon,
    )
    expect(await bed.scoreAll(soon)).toBe(2)
    expect(await scoredAt(bed, world, soon)).toEqual(['customer-7', 'customer-9'])
  })

  it('nobody when what was said is not new', async () => {
    await using bed = await insightsBed()
    const world = crowd(5)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    await bed.take(world.told, later(0.001))
    // A record that changed where the score does not look: its name, say.
    const renamed = says.company('company-1', { name: 'Another name' })
    await bed.take([world.tell('customers.company.changed', renamed)], later(0.001))
    expect(await bed.scoreAll(later(0.001))).toBe(0)
  })

  it('customers whose time has come, and the score is told of only when it moved, or went another way', async () => {
    await using bed = await insightsBed()
    const world = new World()
    world.tell('customers.identity.changed', says.identity('silent', 1, ['HUBSPOT:company']))
    world.tell('customers.company.changed', says.company('company', { lastActivityAt: NOW.toISOString() }))
    // Its score rests on nothing that time moves; only the news of it grows old.
    world.tell('customers.identity.changed', says.identity('steady', 1, ['WARP:ban']))
    const observedAt = NOW.toISOString()
    world.tell('telephony.account.changed', { ...says.account('ban'), observedAt })
    await bed.take(world.told, NOW)
    expect(await bed.scoreAll(NOW)).toBe(2)
    expect((await bed.told(world.orgId)).map((e) => e.key).sort()).toEqual(['silent', 'steady'])

    expect(await bed.scoreAll(new Date(later(1).getTime() - 1))).toBe(0)
    expect(await bed.scoreAll(later(1))).toBe(1)
    expect(await scoredAt(bed, world, later(1))).toEqual(['silent'])
    const before = await bed.scores(world.orgId)
    expect(await bed.scoreAll(later(60))).toBe(2)
    const after = await bed.scores(world.orgId)
    expect(after.get('steady')!.score).toBe(before.get('steady')!.score)
    expect(Number(after.get('steady')!.confidence)).toBeLessThan(Number(before.get('steady')!.confidence))
    const since = (await bed.told(world.orgId)).slice(2)
    const told = since.filter((e) => e.key === 'silent')
    expect(told).toHaveLength(2)
    const turned = since.filter((e) => e.key === 'steady').map((e) => e.payload)
    expect(turned).toEqual([expect.objectContaining({ score: turned[0]?.previousScore, trend: 'STEADY' })])
    expect(told[1]!.payload).toMatchObject({
      previousScore: told[0]!.payload.score,
      score: after.get('silent')!.score,
      asOf: later(60).toISOString(),
    })
    const history = await bed.rows<{ n: number }>(
      "select count(*)::int as n from insights.health_history where customer_id = 'steady'",
    )
    expect(history[0]!.n).toBe(2)
  })

  it('tells what is thought of a customer beyond its health where that has moved, and says what is known no longer', async () => {
    await using bed = await insightsBed()
    const world = crowd(1)
    const judge = async (...told: typeof world.told) => {
      await bed.take(told, NOW)
      await bed.scoreAll(NOW)
    }
    await judge(...world.told)
    await judge(world.tell('customers.ticket.changed', says.ticket('ticket', 'company-0')))
    await judge(world.tell('telephony.account.changed', says.account('ban-0', 'PAST_DUE')))
    await judge(world.tell('customers.company.changed', says.company('company-0', { deleted: true })))
    const told = (await bed.profiles(world.orgId))
      .map(({ payload }) => payload)
      // What is to be done is told apart from that.
      .filter(({ fields }) => !fields.nextActions)
    expect(told.map(({ customerId, fields }) => [customerId, ...Object.keys(fields).sort()])).toEqual([
      ['customer-0', 'churnRisk', 'dealStage', 'engagementScore', 'financialScore', 'score'],
      // A ticket moves the risk and says nothing of a lead.
      ['customer-0', 'churnRisk'],
      ['customer-0', 'churnRisk', 'dealStage', 'engagementScore', 'financialScore', 'score'],
      ['customer-0', 'churnRisk', 'dealStage', 'engagementScore', 'financialScore', 'score'],
    ])
    const last = (field: 'churnRisk' | 'financialScore' | 'engagementScore') =>
      told.map(({ fields }) => fields[field]?.value)
    expect(Number(last('churnRisk')[2])).toBeGreaterThan(Number(last('churnRisk')[1]))
    expect(Number(last('financialScore')[2])).toBeLessThan(Number(last('financialScore')[0]))
    expect(last('engagementScore')[3]).toBeNull()
  })

  it('tells nothing of a customer of whom nothing is known', async () => {
    await using bed = await insightsBed()
    const world = new World()
    world.tell('customers.identity.changed', says.identity('unknown', 1, ['C3:account']))
    await bed.take(world.told, NOW)
    expect(await bed.scoreAll(NOW)).toBe(1)
    expect((await bed.scores(world.orgId)).get('unknown')).toMatchObject({ score: null, confidence: '0.00' })
    expect([...(await bed.told(world.orgId)), ...(await bed.profiles(world.orgId))]).toEqual([])
  })

  it('keeps every score in history also when two fall into the same millisecond', async () => {
    await using bed = await insightsBed()
    const world = crowd(1)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    for (const status of ['PAST_DUE', 'CURRENT', 'PAST_DUE'] as const) {
      await bed.take([world.tell('telephony.account.changed', says.account('ban-0', status))], NOW)
      await bed.scoreAll(NOW)
    }
    const told = await bed.told(world.orgId)
    const history = await bed.rows<{ score: string; as_of: Date }>(
      'select score, as_of from insights.health_history order by as_of',
    )
    expect(history.map((row) => [row.score, row.as_of.toISOString()])).toEqual(
      told.map((e) => [e.payload.score, e.payload.asOf]),
    )
    expect(history).toHaveLength(4)
  })
})

describe('what it costs', () => {
  it('history ends with that nothing is known, when a customer that was nobody comes back without facts', async () => {
    await using bed = await insightsBed()
    const world = new World()
    const identify = (version: number, ...accounts: string[]) =>
      world.tell('customers.identity.changed', says.identity('customer', version, accounts))
    const steps = [
      [identify(1, 'WARP:ban'), world.tell('telephony.account.changed', says.account('ban'))],
      [identify(2)],
      [identify(3, 'HUBSPOT:unknown')],
    ]
    for (const [n, told] of steps.entries()) {
      await bed.take(told, later(n))
      await bed.scoreAll(later(n))
    }
    const history = await bed.rows<{ score: string | null }>(
      'select score from insights.health_history where org_id = $1 order by as_of',
      [world.orgId],
    )
    expect(history.map(({ score }) => score)).toEqual([expect.any(String), null])
  })

  it('taking and scoring five hundred customers takes as many statements as one', async () => {
    await using bed = await insightsBed()
    const cost = async (count: number) => {
      const world = crowd(count)
      const from = bed.database.statements
      await bed.take(world.told, NOW)
      const taken = bed.database.statements
      expect(await bed.batch(world.orgId, NOW, 1000)).toBe(count)
      return { taking: taken - from, scoring: bed.database.statements - taken }
    }
    const forOne = await cost(1)
    expect(forOne.taking).toBeLessThanOrEqual(2 * 6)
    expect(forOne.scoring).toBeLessThanOrEqual(12)
    expect(await cost(500)).toEqual(forOne)
  })

  it('every walk over customers and facts is by an index, also under row level security', async () => {
    const statements: string[] = []
    await using bed = await insightsBed()
    const world = crowd(2)
    world.tell('telephony.usage.summarised', says.usage('ban-0', NOW))
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    await bed.multiply(world.orgId, 6_000)
    await using database = openDatabase<DB>(bed.test.urls, {
      log: silentLog,
      onStatement: (text) => statements.push(text),
    })
    world.tell('customers.identity.changed', says.identity('customer-0', 2, ['WARP:ban-1']))
    world.tell('customers.ticket.changed', says.ticket('ticket', 'company-1'))
    await bed.take(world.told.slice(-2), NOW, database)
    await database.transaction(world.orgId, (tx) => scoreOrganisation(tx, world.orgId, NOW, 10))
    const plans = await bed.plans('app', world.orgId, statements.splice(0))
    expect(plans.length).toBeGreaterThanOrEqual(9)
    expect(await database.relay((tx) => organisationsToScore(tx, NOW))).toEqual([world.orgId])
    plans.push(...(await bed.plans('relay', world.orgId, statements)))
    // Of settings and models there is a row for each change and each time something was learned: no walk.
    for (const { text, plan } of plans)
      expect(/Seq Scan on (?!settings|models)\w+/.exec(plan)?.[0], `${text}\n${plan}`).toBeUndefined()
    const taking = plans.find(({ text }) => text.includes('skip locked'))!.plan
    expect(taking).toContain('customers_dirty')
    expect(taking).toContain('customers_due')
  })
})

describe('several at once', () => {
  it('processes that score at the same time take different customers and wait for nobody', async () => {
    await using bed = await insightsBed()
    const world = crowd(40)
    await bed.take(world.told, NOW)
    await using other = openDatabase<DB>(bed.test.urls, { log: silentLog })
    await bed.database.transaction(world.orgId, async (tx) => {
      expect(await scoreOrganisation(tx, world.orgId, NOW, 15)).toBe(15)
      // The first has not committed yet.
      const rest = await other.transaction(world.orgId, (otherTx) =>
        scoreOrganisation(otherTx, world.orgId, NOW, 100),
      )
      expect(rest).toBe(25)
    })
    expect(await bed.scoreAll(NOW)).toBe(0)
    const told = (await bed.told(world.orgId)).map((e) => e.key)
    expect([told.length, new Set(told).size]).toEqual([40, 40])
  })

  it('loops of two processes score each customer once', async () => {
    await using bed = await insightsBed()
    const world = crowd(700)
    await bed.take(world.told, NOW)
    await using other = openDatabase<DB>(bed.test.urls, { log: silentLog })
    const clock = new TestClock(NOW)
    {
      const loop = (rows: TurnRows) =>
        startScoring({ rows, clock, log: silentLog, alarm: noAlarm, published: () => undefined })
      await using _one = loop(bed.database)
      await using _two = loop(other)
      await until(async () => (await bed.scores(world.orgId)).size === 700)
    }
    const told = (await bed.told(world.orgId)).map((e) => e.key)
    expect([told.length, new Set(told).size]).toEqual([700, 700])
  })

  it('a fact and the identity it belongs to never miss each other, though they come in two transactions at once', async () => {
    await using bed = await insightsBed()
    const world = new World()
    const identity = world.tell('customers.identity.changed', says.identity('one', 1, ['WARP:ban']))
    const fact = world.tell('telephony.account.changed', says.account('ban'))
    for (const [first, second] of [
      [fact, identity],
      [identity, fact],
    ] as const) {
      const world = new World()
      const own = ({ source, event }: typeof first) => ({ source, event: { ...event, orgId: world.orgId } })
      let isDone = false
      const pending: Promise<unknown>[] = []
      await bed.takeThen(own(first), NOW, async () => {
        pending.push(
          bed.take([own(second)], NOW).then(() => {
            isDone = true
          }),
        )
        // It is done, or waits for us.
        await until(async () => isDone || (await bed.waiting()) > 0)
        await bed.scoreAll(NOW)
      })
      await Promise.all(pending)
      await bed.scoreAll(NOW)
      expect((await bed.scores(world.orgId)).get('one')?.score).not.toBeNull()
    }
  })

  it('facts that arrive while a customer is being scored are not forgotten', async () => {
    await using bed = await insightsBed()
    const world = crowd(1)
    await bed.take(world.told, NOW)
    await using other = openDatabase<DB>(bed.test.urls, { log: silentLog })
    let taking: Promise<void> | undefined
    await bed.database.transaction(world.orgId, async (tx) => {
      await scoreOrganisation(tx, world.orgId, NOW, 10)
      const late = world.tell('telephony.account.changed', says.account('ban-0', 'PAST_DUE'))
      taking = bed.take([late], NOW, other)
      await until(async () => (await bed.waiting()) > 0)
    })
    await taking
    expect(await bed.scoreAll(NOW)).toBe(1)
  })

  it('scoring is called with the commit of new facts, not before', async () => {
    await using bed = await insightsBed()
    let calls = 0
    await using _ = bed.database.listen(SCORING_CHANNEL, () => {
      calls++
    })
    // A new connection counts as a call: what was sent before it is lost.
    await until(() => calls === 1)
    const [first, ...others] = crowd(1).told
    await bed.takeThen(first!, NOW, async () => {
      await bed.rows('select 1')
      expect(calls).toBe(1)
    })
    await until(() => calls === 2)
    await bed.take(others.slice(0, 1), NOW)
    await until(() => calls === 3)
  })

  it('nobody scores a customer whose next fact is on its way, though it waits to be scored already', async () => {
    await using bed = await insightsBed()
    const world = crowd(1)
    await bed.take(world.told, NOW)
    const late = world.tell('customers.ticket.changed', says.ticket('ticket', 'company-0'))
    await bed.takeThen(late, NOW, async () => {
      expect(await bed.batch(world.orgId, NOW)).toBe(0)
    })
    expect(await bed.scoreAll(NOW)).toBe(1)
    const { contributions } = (await bed.scores(world.orgId)).get('customer-0')!
    expect(contributions.map((c) => c.metric)).toContain('openTickets')
  })

  it('one organisation with many customers, or with trouble, does not hold up another', async () => {
    await using bed = await insightsBed()
    const [many, few] = [crowd(800), crowd(2)].sort((a, b) => (a.orgId < b.orgId ? -1 : 1)) as [World, World]
    for (const world of [many, few]) await bed.take(world.told, NOW)
    const turns: string[] = []
    const { log, lines } = recordingLog()
    const troubled = many.orgId
    const rows: TurnRows = {
      relay: (run) => bed.database.relay(run),
      listen: (channel, wake) => bed.database.listen(channel, wake),
      transaction: (orgId, run) => {
        turns.push(orgId)
        // The one that is asked first is also the one that fails at first.
        if (orgId === troubled && turns.length < 4)
          return Promise.reject(Unavailable.with({ what: 'The database' }))
        return bed.database.transaction(orgId, run)
      },
    }
    {
      await using _ = startScoring({
        rows,
        clock: new TestClock(NOW),
        log,
        alarm: noAlarm,
        published: () => undefined,
      })
      await until(async () => (await bed.scores(many.orgId)).size === many.told.length / 3)
    }
    expect(turns.slice(0, 2)).toEqual([many.orgId, few.orgId])
    expect((await bed.scores(few.orgId)).size).toBe(few.told.length / 3)
    expect(lines.some((line) => String(line.msg).includes('could not be computed'))).toBe(true)
  })
})
