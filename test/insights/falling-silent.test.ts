import { expect, it } from 'vitest'
import { askSubgraph, EMPTY, principal } from '#test/kit/subgraph.ts'
import { DAY, NOW } from './facts.ts'
import { payers, start } from './running.ts'
import { says } from './world.ts'

const WEEK = 7 * DAY
const after = (weeks: number) => new Date(NOW.getTime() + weeks * WEEK)

const SHOW = /* GraphQL */ `query ($id: ID!, $asOf: DateTime) {
  _entities(representations: [{ __typename: "Customer", id: $id, identityVersion: 1 }]) { ... on Customer {
    churnRisk(asOf: $asOf) { percentage confidence factors { name strength value method } }
    riskAssessment { volumeStability }
    insights { nodes { detector state sentence } } } } }`
const HISTORY = /* GraphQL */ `query ($id: ID!, $from: DateTime!, $to: DateTime!, $first: Int!, $after: Cursor) {
  _entities(representations: [{ __typename: "Customer", id: $id, identityVersion: 1 }]) { ... on Customer {
    churnHistory(from: $from, to: $to, first: $first, after: $after) {
      nodes { asOf risk { percentage leftOn confidence method factors { name } } } pageInfo { hasNextPage endCursor } } } } }`

it('a customer that stops calling is noticed, and by time alone neither looks safer nor is it forgotten', async () => {
  await using hub = await start()
  const id = 'customer-0'
  const world = payers(1)
  await hub.bed.take(world.told, after(-13))
  const shown = async () => {
    const { data, errors } = await askSubgraph(hub.url, SHOW, { id }, principal())
    expect(errors).toBeUndefined()
    return data._entities[0]
  }
  /** A week later, with its days as telephony tells them, and all that was due since. */
  const week = async (n: number, minutes: string | null) => {
    const days = Array.from({ length: 7 }, (_, day) => new Date(after(n - 1).getTime() + day * DAY))
    const told = minutes === null ? [] : days.map((day) => says.usage('ban-0', day, minutes))
    await hub.bed.take(
      told.map((each) => world.tell('telephony.usage.summarised', each)),
      after(n),
    )
    hub.clock.set(after(n))
    await hub.bed.scoreAll(after(n))
    return shown()
  }
  for (let n = -12; n <= 0; n++) await week(n, '60')
  const talking = await shown()
  expect([talking.churnRisk.factors, talking.riskAssessment]).toEqual([[], { volumeStability: '10' }])

  const percentages: number[] = []
  for (let n = 1; n <= 40; n++) {
    // Of eight silent weeks it is told that nothing was, of those behind them nothing.
    const { churnRisk, insights } = await week(n, n <= 8 ? '0' : null)
    percentages.push(Number(churnRisk.percentage))
    if (n !== 6 && n !== 10) continue
    const said = insights.nodes.find(({ detector }: { detector: string }) => detector === 'usage-drop')
    // In the last four weeks in which it talked it did so on 25 days.
    const sentence = 'No minutes in four weeks, after 1,500 in the four until 2026-11-23.'
    expect(said).toEqual({ detector: 'usage-drop', state: 'NEW', sentence })
  }
  expect(percentages).toEqual(percentages.toSorted((a, b) => a - b))
  expect(percentages.at(-1)).toBeGreaterThan(percentages[0]!)
  const silent = await shown()
  expect(silent.churnRisk.factors).toEqual([
    { name: 'FALLING_USAGE', strength: '1', value: '1', method: 'RULES' },
  ])
  expect(silent.riskAssessment).toEqual({ volumeStability: '0' })
}, 60_000)

it('how likely a customer was to leave is answered as of any moment, and step by step', async () => {
  await using hub = await start()
  const world = payers(2)
  const at = (days: number) => new Date(NOW.getTime() + days * DAY)
  const pay = (status: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED', days: number) =>
    hub.bed.take([world.tell('telephony.account.changed', says.account('ban-0', status))], at(days))
  await hub.bed.take(world.told, at(0))
  await hub.bed.scoreAll(at(0))
  for (const [days, status] of [
    [1, 'PAST_DUE'],
    [2, 'SUSPENDED'],
    [2.5, 'SUSPENDED'],
    [3, 'CURRENT'],
  ] as const) {
    await pay(status, days)
    await hub.bed.scoreAll(at(days))
  }
  hub.clock.set(at(4))
  const id = 'customer-0'
  const percentage = async (days: number | null, caller = principal()) => {
    const variables = { id, asOf: days === null ? null : at(days).toISOString() }
    const { data } = await askSubgraph(hub.url, SHOW, variables, caller)
    return data._entities[0].churnRisk?.percentage ?? null
  }
  expect(await Promise.all([-1, 0, 0.9, 1, 2.9, 3.5, null].map((days) => percentage(days)))).toEqual([
    null,
    '2',
    '2',
    '14.3',
    '26.5',
    '2',
    '2',
  ])
  expect(await percentage(2, principal(EMPTY))).toBeNull()

  const page = async (first: number, cursor: string | null = null) => {
    const span = { from: at(-1).toISOString(), to: at(5).toISOString() }
    const { data } = await askSubgraph(hub.url, HISTORY, { id, ...span, first, after: cursor }, principal())
    return data._entities[0].churnHistory
  }
  const one = await page(3)
  const rest = await page(3, one.pageInfo.endCursor)
  const steps = [...one.nodes, ...rest.nodes]
  expect(steps.map(({ asOf, risk }) => [asOf, risk.percentage])).toEqual([
    [at(0).toISOString(), '2'],
    [at(1).toISOString(), '14.3'],
    [at(2).toISOString(), '26.5'],
    [at(3).toISOString(), '2'],
  ])
  expect([one.pageInfo.hasNextPage, rest.pageInfo.hasNextPage]).toEqual([true, false])
  expect(steps[2].risk.factors).toEqual([{ name: 'PAYMENT_OVERDUE' }])
  const wrong = { id, from: at(0).toISOString(), to: at(5).toISOString(), first: 3, after: 'WyJ4Il0' }
  const { errors } = await askSubgraph(hub.url, HISTORY, wrong, principal())
  expect(errors?.map((error) => error.extensions?.code)).toEqual(['BAD_INPUT'])
})
