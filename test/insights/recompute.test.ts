import { describe, expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { scoreOrganisation } from '#subgraphs/insights/commands/score-customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import type { InsightsBed } from './bed.ts'
import { ago, chance, DAY, healthOf, NOW, pick, randomFacts } from './facts.ts'
import { demoWorld, payers, start } from './running.ts'
import { says } from './world.ts'

const ASK = 'mutation { recomputeInsights { recompute { total done reason isComplete } } }'
const LOOK = '{ insightsRecompute { requestedAt total done reason isComplete } }'
const recompute = async (url: string, who = principal()) =>
  (await askSubgraph(url, ASK, {}, who)).data.recomputeInsights.recompute
const look = async (url: string, who = principal()) =>
  (await askSubgraph(url, LOOK, {}, who)).data.insightsRecompute

/** Every row of every table that scoring writes, without the moments at which it was written, and how much was told. */
const stateOf = async (bed: InsightsBed) => ({
  customers: await bed.rows('select * from insights.customers order by org_id, customer_id'),
  health: (await bed.rows('select * from insights.health order by org_id, customer_id')).map((row) => ({
    ...(row as object),
    as_of: null,
  })),
  findings: (await bed.rows('select * from insights.findings order by org_id, customer_id')).map((row) => ({
    ...(row as object),
    as_of: null,
  })),
  history: await bed.rows('select * from insights.health_history order by org_id, customer_id, as_of'),
  signals: await bed.rows('select * from insights.signals order by org_id, system, kind, record_id'),
  accounts: await bed.rows(
    'select * from insights.accounts order by org_id, customer_id, system, account_id',
  ),
  told: await bed.rows(
    "select count(*)::int as n from events.recorded where name <> 'insights.audit.written'",
  ),
})

describe('recomputeInsights', () => {
  it('finds after some hundred random events exactly what was found step by step, in all tables, and tells nobody', async () => {
    await using hub = await start()
    const random = chance(7)
    const world = demoWorld().live(random, 400)
    const waiting = [...world.told]
    let at = ago(3)
    while (waiting.length > 0) {
      at = new Date(at.getTime() + random() * 0.05 * DAY)
      await hub.bed.take(waiting.splice(0, 1 + Math.floor(random() * 40)), at)
      if (random() < 0.5) await hub.bed.scoreAll(at, pick(random, [3, 250]))
    }
    await hub.bed.scoreAll(NOW)
    const step = await stateOf(hub.bed)
    expect(step.health.length).toBeGreaterThan(10)
    const measured = JSON.stringify(step.health)
    for (const metric of ['minutesGrowth', 'answerRatio', 'daysPastDue']) expect(measured).toContain(metric)
    const { total } = await recompute(hub.url)
    expect(total).toBe(step.customers.length)
    expect(await hub.bed.scoreAll(NOW, 7)).toBe(total)
    expect(await stateOf(hub.bed)).toEqual(step)
  })

  it('shows how far it is, and goes on where a process that was killed left it', async () => {
    await using hub = await start()
    expect(await look(hub.url)).toBeNull()
    await hub.bed.take(payers(10).told, NOW)
    await hub.bed.scoreAll(NOW)
    expect(await recompute(hub.url)).toEqual({ total: 10, done: 0, reason: 'ASKED', isComplete: false })
    expect(await hub.bed.batch(DEMO, NOW, 4)).toBe(4)
    await using killed = openDatabase<DB>(hub.bed.test.urls, { log: silentLog })
    const died = killed.transaction(DEMO, async (tx) => {
      await scoreOrganisation(tx, DEMO, NOW, 4)
      throw new Error('killed')
    })
    await expect(died).rejects.toThrow('killed')
    expect(await look(hub.url)).toMatchObject({ total: 10, done: 4, isComplete: false })
    expect(await hub.bed.scoreAll(NOW)).toBe(6)
    expect(await look(hub.url)).toEqual({
      ...{ requestedAt: NOW.toISOString(), total: 10, done: 10, reason: 'ASKED', isComplete: true },
    })
    // Asked again, it begins anew.
    await recompute(hub.url)
    expect(await look(hub.url)).toMatchObject({ done: 0 })
  })

  it('lets customers whose facts change go first', async () => {
    await using hub = await start()
    const world = payers(20)
    await hub.bed.take(world.told, NOW)
    await hub.bed.scoreAll(NOW)
    await recompute(hub.url)
    const news = world.tell('telephony.account.changed', says.account('ban-13', 'PAST_DUE'))
    await hub.bed.take([news], NOW)
    expect(await hub.bed.batch(DEMO, NOW, 1)).toBe(1)
    expect((await hub.bed.told(DEMO)).at(-1)!.key).toBe('customer-13')
  })

  it('leaves other organisations alone, and is refused to whoever may only read', async () => {
    await using hub = await start()
    await hub.bed.take(payers(3).told, NOW)
    await hub.bed.scoreAll(NOW)
    expect(await recompute(hub.url, principal(EMPTY))).toMatchObject({ total: 0, isComplete: true })
    expect(await look(hub.url)).toBeNull()
    expect(await hub.bed.scoreAll(NOW)).toBe(0)
    const { errors } = await askSubgraph(hub.url, ASK, {}, principal(DEMO, 'insights:read'))
    expect(errors?.map((e) => e.extensions?.code)).toEqual(['FORBIDDEN'])
  })
})

it('removing any one signal moves the score by exactly what the contributions say, metric by metric', () => {
  const random = chance(11)
  let moved = 0
  for (let n = 0; n < 300; n++) {
    const signals = randomFacts(random, 15)
    const whole = healthOf(signals, NOW)
    for (const signal of signals) {
      const part = healthOf(
        signals.filter((other) => other !== signal),
        NOW,
      )
      const points = (of: typeof whole) => new Map(of.contributions.map((c) => [c.metric, c.points]))
      const [was, is] = [points(whole), points(part)]
      const explained = [...new Set([...was.keys(), ...is.keys()])].reduce(
        (sum, metric) => sum + (is.get(metric) ?? 0) - (was.get(metric) ?? 0),
        0,
      )
      expect(explained).toBeCloseTo((part.score ?? 0) - (whole.score ?? 0), 6)
      if (part.score !== whole.score) moved++
    }
  }
  expect(moved).toBeGreaterThan(500)
})
