import { expect, it } from 'vitest'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { ago, NOW } from './facts.ts'
import { payers, start } from './running.ts'
import { says } from './world.ts'

const SPREAD = 'scored unscored mean median tens bands { band customers }'
const TRY = /* GraphQL */ `query ($changes: InsightsSettingsInput!) { simulateSettings(changes: $changes) { __typename
  ... on SettingsSimulation { version customers sampled crossed higher lower before { ${SPREAD} } after { ${SPREAD} }
    movers(first: 3) { from to points customer { id } } }
  ... on Invalid { field } } }`
const readerOf = (orgId: string) => principal(orgId, 'insights:read')
type Hub = Awaited<ReturnType<typeof start>>
const attempt = async (hub: Hub, changes: object, who = readerOf(DEMO)) => {
  const { data, errors } = await askSubgraph(hub.url, TRY, { changes }, who)
  expect(errors).toBeUndefined()
  return data.simulateSettings
}
const SPREAD_NOW = `{ healthDistribution { ${SPREAD} } }`
const harder = {
  health: {
    metrics: [
      {
        metric: 'monthlyRevenue',
        knots: [
          { value: '0', score: '0' },
          { value: '100000', score: '100' },
        ],
      },
    ],
  },
}

it('shows readers what changed settings would do, as saving them then does, and saves nothing', async () => {
  await using hub = await start()
  const world = payers(25)
  world.tell('telephony.account.changed', says.account('ban-7', 'PAST_DUE', '700'))
  await hub.bed.take(world.told, ago(1))
  await hub.bed.scoreAll(NOW)
  const now = (await askSubgraph(hub.url, SPREAD_NOW)).data.healthDistribution
  const before = await hub.bed.scores(world.orgId)
  const found = await attempt(hub, harder)
  expect(found).toMatchObject({ version: 1, customers: 25, sampled: false, before: now })
  expect(found.lower).toBeGreaterThan(15)
  expect(await hub.bed.scores(world.orgId)).toEqual(before)

  const set =
    'mutation ($changes: InsightsSettingsInput!) { setInsightsSettings(expectedVersion: 1, changes: $changes) { __typename } }'
  expect((await askSubgraph(hub.url, set, { changes: harder })).data.setInsightsSettings.__typename).toBe(
    'InsightsSettingsSet',
  )
  await hub.bed.scoreAll(NOW)
  expect((await askSubgraph(hub.url, SPREAD_NOW)).data.healthDistribution).toEqual(found.after)
  const after = await hub.bed.scores(world.orgId)
  for (const { customer, from, to, points } of found.movers) {
    expect([from, to]).toEqual([before, after].map((scores) => scores.get(customer.id)!.score))
    expect(Number(points)).toBeCloseTo(Number(to) - Number(from), 6)
  }
  expect(found.movers).toHaveLength(3)
  const band = (score: string | null) => [80, 60, 40, 0].find((from) => Number(score) >= from)
  const crossed = [...before].filter(([id, row]) => band(row.score) !== band(after.get(id)!.score))
  expect(found.crossed).toBe(crossed.length)
  expect(crossed.length).toBeGreaterThan(0)
})

it('refuses what could not be saved, with the field, and shows another organisation its own customers only', async () => {
  await using hub = await start()
  await hub.bed.take(payers(2).told, ago(1))
  await hub.bed.scoreAll(NOW)
  expect(await attempt(hub, { health: { metrics: [{ metric: 'luck' }] } })).toEqual({
    ...{ __typename: 'Invalid', field: 'health.metrics.0.metric' },
  })
  expect(await attempt(hub, harder, readerOf(EMPTY))).toMatchObject({ customers: 0, movers: [], crossed: 0 })
})

it('judges a sample of many customers, always the same, and says so', async () => {
  await using hub = await start()
  await hub.bed.take(payers(3).told, ago(1))
  await hub.bed.scoreAll(NOW)
  await hub.bed.multiply(DEMO, 700)
  const [one, two] = [await attempt(hub, harder), await attempt(hub, harder)]
  expect(one).toMatchObject({ customers: 2000, sampled: true })
  expect(two).toEqual(one)
})
