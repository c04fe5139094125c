import { describe, expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { TestClock } from '#kernel/clock.ts'
import { learnFromPurchasesOf } from '#subgraphs/insights/commands/learn-buying.ts'
import { tidyInsights } from '#subgraphs/insights/commands/tidy-insights.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { PATIENT } from '#test/kit/postgres.ts'
import { askSubgraph, DEMO, EMPTY } from '#test/kit/subgraph.ts'
import type { InsightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { insightsIn } from './insight-facts.ts'
import { payers, start } from './running.ts'
import { says } from './world.ts'

type Hub = Awaited<ReturnType<typeof start>>
const tidy = (bed: InsightsBed, at: Date, orgId = DEMO) =>
  bed.database.transaction(orgId, (tx) => tidyInsights(asTransaction(tx), orgId, at))
const monthsOf = async (hub: Hub, from: string, to: string) => {
  const { data, errors } = await askSubgraph(
    hub.url,
    `{ healthMonths(from: "${from}", to: "${to}") { month scored mean risen fallen new } }`,
  )
  expect(errors).toBeUndefined()
  return data.healthMonths
}

describe('each night', () => {
  it('counts the months that have ended, once: they say the same later, and as much as if they were counted now', async () => {
    await using hub = await start()
    const at = (day: string) => new Date(`2026-${day}T12:00:00Z`)
    const world = payers(4)
    await hub.bed.take(world.told, at('08-10'))
    await hub.bed.scoreAll(at('08-10'))
    await hub.bed.take(
      [world.tell('telephony.account.changed', says.account('ban-0', 'CURRENT', '9000'))],
      at('10-02'),
    )
    await hub.bed.scoreAll(at('10-02'))
    const counted = await monthsOf(hub, '2026-07', '2026-11')
    expect(counted.map((month: { scored: number }) => month.scored)).toEqual([0, 4, 4, 4, 4])
    await tidy(hub.bed, at('11-02'))
    await tidy(hub.bed, at('11-02'))
    expect(await monthsOf(hub, '2026-07', '2026-11')).toEqual(counted)
    const kept = 'select month from insights.health_months order by month'
    expect((await hub.bed.rows<{ month: string }>(kept)).map(({ month }) => month)).toEqual(
      Array.from({ length: 12 }, (_, n) => new Date(Date.UTC(2025, 10 + n, 1)).toISOString().slice(0, 7)),
    )
    // Two customers become one: what was counted stays, and the present month counts who is there.
    await hub.bed.take(
      [world.tell('customers.identity.changed', says.identity('customer-1', 2, [], 'customer-0'))],
      at('11-03'),
    )
    await hub.bed.scoreAll(at('11-03'))
    const later = await monthsOf(hub, '2026-07', '2026-11')
    expect(later.slice(0, 4)).toEqual(counted.slice(0, 4))
    expect(later[4]).toMatchObject({ month: '2026-11', scored: 3 })
  })

  it('forgets insights that ended long ago and those of a rule beyond twenty, but never the newest of a rule or what is open', async () => {
    await using hub = await start()
    const add = (
      customer: string | null,
      episodes: number,
      state: string,
      endedOn: string | null,
      orgId = DEMO,
    ) =>
      hub.bed.rows(
        `insert into insights.insights (org_id, insight_id, customer_id, recommendation_id, detector, method_version, type, episode, state, version,
           confidence, impact, sentence, measures, evidence, is_recommended, needs_person, dismissals, raised_at, decided_at, as_of)
         select $1, gen_random_uuid(), $2::text, case when $2::text is null then 'r-' || n end, 'made-up', 1, 'SUPPORT', n, $4, 1, 50, 'HIGH', 'Made up.', '[]', '[]',
           false, false, 0, '2025-01-01', $5::timestamptz, '2025-01-01' from generate_series(1, $3::int) n`,
        [orgId, customer, episodes, state, endedOn],
      )
    await add('old', 3, 'EXPIRED', '2025-02-01')
    await add('often', 25, 'EXPIRED', '2026-11-01')
    await add('open', 1, 'NEW', null)
    await add(null, 2, 'EXPIRED', '2025-02-01')
    await add('old', 3, 'EXPIRED', '2025-02-01', EMPTY)
    await tidy(hub.bed, NOW)
    const held = await insightsIn(hub.bed, `org_id = '${DEMO}'`)
    expect(held.filter(({ customer_id }) => customer_id === 'old').map(({ episode }) => episode)).toEqual([3])
    expect(held.filter(({ customer_id }) => customer_id === 'often').map(({ episode }) => episode)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 6),
    )
    expect(held.map(({ customer_id }) => customer_id)).toContain('open')
    expect(held.filter(({ customer_id }) => customer_id === null)).toEqual([])
    expect(await insightsIn(hub.bed, `org_id = '${EMPTY}'`)).toHaveLength(3)
  })
})

it('what is counted over all customers is read from indexes that hold no more than is counted', async () => {
  await using hub = await start()
  await hub.bed.take(payers(2).told, NOW)
  await hub.bed.scoreAll(NOW)
  await hub.bed.multiply(DEMO, 2_000)
  await hub.bed.rows('vacuum analyze')
  await using database = openDatabase<DB>(hub.bed.test.urls, {
    ...PATIENT,
    onStatement: (text) => hub.statements.push(text),
  })
  for (const [run, ...indexes] of [
    [
      '{ healthDistribution { mean median tens bands { customers } } }',
      'Index Only Scan.* using health_by_rank',
    ],
    ['{ healthMovers(days: 7) { points } }', 'Index Only Scan.* using health_history_by_time'],
    ['{ insightCalibration { judged } }', 'Index Only Scan.* using insights_judged'],
    [
      '{ insightCounts { count } }',
      'Index Only Scan.* using insights_open_counted',
      'Index Only Scan.* using insights_ended',
    ],
    [
      () => learnFromPurchasesOf(DEMO, { database, clock: new TestClock(NOW) }),
      'Index Only Scan.* using signals_of_purchases',
    ],
  ] as const) {
    hub.statements.length = 0
    if (typeof run === 'string') expect((await askSubgraph(hub.url, run)).errors).toBeUndefined()
    else await run()
    const plans = await hub.bed.plans('app', DEMO, hub.statements)
    for (const index of indexes)
      expect(plans.filter(({ plan }) => new RegExp(index).test(plan)).length, index).toBe(1)
    for (const { plan } of plans) expect(plan).not.toMatch(/Seq Scan on (health|insights|signals)\b/)
  }
})
