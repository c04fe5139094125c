import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { InventoryRecommendation, PriceRecommendation, SupplierAlert } from '#connectors/c3/index.ts'
import { shape } from '#operations/shapes/GiveRecommendations.ts'
import { principal } from '../kit/subgraph.ts'
import { until } from '../kit/until.ts'
import { type AdvisedBed, FIELDS, type Recommended, startAdvisedBed } from './bed.ts'

let hub: AdvisedBed
/** Open requests that something is recommended for, the one with most first. */
let rfqIds: string[]
beforeAll(async () => {
  hub = await startAdvisedBed({ companies: 120 })
  await hub.synced()
  await hub.approved()
  await hub.advised()
  const byRfq = Map.groupBy(
    (await hub.recommended()).filter(({ rfq }) => rfq),
    ({ rfq }) => rfq!.id,
  )
  rfqIds = [...byRfq].sort((a, b) => b[1].length - a[1].length).map(([id]) => id)
})
afterAll(() => hub[Symbol.asyncDispose]())

const PUSHED = `__typename ... on RecommendationsPushed { pushed rfq { id } recommendations { ${FIELDS} } receipt { position } }
  ... on Refusal { code message } ... on Invalid { field }`
interface Pushed {
  __typename: string
  pushed: number
  recommendations: Recommended[]
  field?: string
}
const push = async (rfqId: string): Promise<Pushed> =>
  (await hub.ask(`mutation ($id: ID!) { pushRecommendations(rfqId: $id) { ${PUSHED} } }`, { id: rfqId }))
    .pushRecommendations
const give = async (input: object, caller = principal()): Promise<Pushed> =>
  (
    await hub.ask(
      `mutation ($input: GiveRecommendationsInput!) { giveRecommendations(input: $input) { ${PUSHED} } }`,
      { input },
      caller,
    )
  ).giveRecommendations
const pushes = async (ids: readonly string[]) =>
  (await hub.recommended()).filter(({ id }) => ids.includes(id)).map(({ push: each }) => each)
const settled = (ids: readonly string[]) =>
  until(async () => {
    const all = await pushes(ids)
    return all.every((each) => each?.state === 'SENT' || each?.state === 'REFUSED') ? all : undefined
  })
const decide = (action: string, { id, version }: Recommended) =>
  hub.ask(
    `mutation ($id: ID!, $v: Int!) { ${action}(id: $id, expectedVersion: $v, reason: "So it is.") { __typename } }`,
    { id, v: version },
  )
/** What C3 keeps of all kinds, by key. */
const kept = async () => {
  const all = await Promise.all([
    hub.records<PriceRecommendation>('price-recommendations'),
    hub.records<SupplierAlert>('supplier-alerts'),
    hub.records<InventoryRecommendation>('inventory-recommendations'),
  ])
  return all.flat()
}
const posts = async () =>
  (await hub.sim<{ entries: { method: string; path: string }[] }>('journal')).entries.filter(
    ({ method }) => method === 'POST',
  ).length

it('pushes everything that is recommended for a request and its parts, each under its own id, and nothing twice', async () => {
  const first = await push(rfqIds[0]!)
  expect(first.pushed).toBe(first.recommendations.length)
  expect(new Set(first.recommendations.map(({ kind }) => kind)).size).toBe(4)
  const ids = first.recommendations.map(({ id }) => id)
  await settled(ids)
  const there = await kept()
  expect(there.map(({ key }) => key).sort()).toEqual([...ids].sort())
  for (const each of first.recommendations) {
    const item = there.find(({ key }) => key === each.id)! as unknown as Record<string, unknown>
    if (each.kind === 'PRICING')
      expect(item).toMatchObject({
        ...{ kind: 'pricing', line: each.line, confidence: each.confidence / 100, reasoning: each.reasoning },
        currency: each.price!.currency,
      })
    if (each.kind === 'STOCK_LEVEL') expect(item).toMatchObject({ reorderPoint: each.reorderPoint })
    if (each.kind === 'SUPPLY_RISK') expect(item).toMatchObject({ kind: each.risk, severity: each.severity })
    if (each.kind === 'ALTERNATIVE')
      expect(item).toMatchObject({ alternativePartNumber: each.alternativePartNumber })
  }
  const before = await posts()
  const second = await push(rfqIds[0]!)
  expect(second.pushed).toBe(0)
  expect(second.recommendations.map(({ id }) => id)).toEqual(ids)
  await hub.quiet()
  expect(await posts()).toBe(before)
  const acts = await hub.select<{ diff: object }>(
    sql`select diff from service.audit_log where action = 'pushRecommendations' and subject_id = ${rfqIds[0]!} order by at, id`,
  )
  expect(acts).toMatchObject([
    { diff: { pushed: [null, ids.length], recommendations: [null, ids.length] } },
    { diff: { pushed: [null, 0] } },
  ])
})

it('finds what is missing before it pushes', async () => {
  const rfqId = rfqIds[1]!
  await hub.clean(sql`delete from inventory.recommendations where rfq_id = ${rfqId}`)
  const { recommendations } = await push(rfqId)
  expect(recommendations.filter(({ rfq }) => rfq?.id === rfqId).length).toBeGreaterThan(0)
  await settled(recommendations.map(({ id }) => id))
})

it('sends again just as it was what C3 took whose answer was lost, and C3 has it once', async () => {
  await hub.sim('faults', {
    rules: [
      { method: 'POST', path: 'recommendations|alerts', times: 1, play: { do: 'close', afterCommit: true } },
    ],
  })
  const { recommendations } = await push(rfqIds[2]!)
  const ids = recommendations.map(({ id }) => id)
  expect((await settled(ids)).every((each) => each?.state === 'SENT')).toBe(true)
  const keys = (await kept()).map(({ key }) => key)
  expect(new Set(keys).size).toBe(keys.length)
  for (const id of ids) expect(keys).toContain(id)
  await hub.sim('faults', { rules: [] })
})

it('keeps what C3 does not take with its reason, and lets the others through; it goes out anew once it is mended', async () => {
  const { recommendations } = await give({
    rfqId: rfqIds[3]!,
    recommendations: [
      { kind: 'PRICING', partNumber: 'X-1', price: '1.25', confidence: 80, reasoning: 'As always.' },
    ],
  })
  const [only] = recommendations
  await settled([only!.id])
  const [row] = await hub.select<{ c3_rfq_id: string }>(
    sql`select c3_rfq_id from inventory.rfqs where id = ${rfqIds[4]!}`,
  )
  const rfq = (await hub.records<{ rfqId: string }>('rfqs')).find(({ rfqId }) => rfqId === row!.c3_rfq_id)!
  // C3 has deleted it, and nobody here knows.
  await hub.sim('records/rfqs', { ...rfq, deleted: true }, 'POST')
  const pushed = await push(rfqIds[4]!)
  const ids = pushed.recommendations.map(({ id }) => id)
  await settled(ids)
  const all = (await hub.recommended()).filter(({ id }) => ids.includes(id))
  for (const each of all) {
    const isOfRequest = each.kind === 'PRICING' || each.kind === 'ALTERNATIVE'
    expect([each.kind, each.push!.state]).toEqual([each.kind, isOfRequest ? 'REFUSED' : 'SENT'])
    if (isOfRequest) expect(each.push!.problem).toMatch(/deleted/)
  }
  const letters = await hub.select<{ external_id: string }>(
    sql`select external_id from sync.dead_letters where state = 'OPEN' and type = 'price-recommendations'`,
  )
  expect(letters).toHaveLength(all.filter(({ push: each }) => each!.state === 'REFUSED').length)
  // Whoever looks after the hub hears of them, once however many they are.
  const alerts = await hub.select<{ payload: object }>(
    sql`select payload from events.recorded where name = 'inventory.alert.raised'`,
  )
  expect(alerts).toMatchObject([{ payload: { subject: 'RECORD', type: 'price-recommendations' } }])
  await hub.sim('records/rfqs', { ...rfq, deleted: false }, 'POST')
  const again = await push(rfqIds[4]!)
  expect(again.pushed).toBe(letters.length)
  expect((await settled(ids)).every((each) => each?.state === 'SENT')).toBe(true)
  expect(await hub.select(sql`select 1 from sync.dead_letters where state = 'OPEN'`)).toEqual([])
})

it('keeps what somebody gives as theirs, pushes it, and takes the same once', async () => {
  const rfqId = rfqIds[5]!
  const { rfq } = await hub.ask(
    'query ($id: ID!) { rfq(id: $id) { lines { line partNumber component { id } } } }',
    { id: rfqId },
  )
  const line = rfq.lines.find(({ component }: { component: object | null }) => component !== null)
  const input = {
    rfqId,
    recommendations: [
      {
        kind: 'PRICING',
        partNumber: line.partNumber.toLowerCase(),
        price: '13.25',
        confidence: 92,
        reasoning: 'Market analysis.',
      },
      {
        kind: 'ALTERNATIVE',
        partNumber: line.partNumber,
        alternativePartNumber: 'UNHEARD-OF',
        saving: '2.5',
        reasoning: 'Cheaper.',
      },
    ],
  }
  const { recommendations, pushed } = await give(input)
  expect(pushed).toBe(2)
  expect(recommendations[0]).toMatchObject({
    ...{
      kind: 'PRICING',
      givenBy: 'user:test',
      method: 'GIVEN',
      confidence: 92,
      line: line.line,
      state: 'PROPOSED',
    },
    ...{ price: { amount: '13.25' }, component: { id: line.component.id } },
  })
  expect(recommendations[1]).toMatchObject({
    saving: { amount: '2.5' },
    alternativePartNumber: 'UNHEARD-OF',
    alternative: null,
  })
  const ids = recommendations.map(({ id }) => id)
  await settled(ids)
  const there = (await kept()).filter(({ key }) => ids.includes(key))
  expect(there).toMatchObject([{ unitPrice: '13.2500', confidence: 0.92 }, { saving: '2.5000' }])
  const again = await give(input)
  expect(again).toMatchObject({ pushed: 0, recommendations: ids.map((id) => ({ id })) })
  const [price] = input.recommendations
  const newer = await give({ rfqId, recommendations: [{ ...price, price: '12' }] })
  expect(newer).toMatchObject({ pushed: 1, recommendations: [{ price: { amount: '12' } }] })
  expect((await hub.recommended()).find(({ id }) => id === ids[0])!.state).toBe('SUPERSEDED')
})

it('refuses what is no recommendation, and says which and why', async () => {
  const sound = { kind: 'PRICING', partNumber: 'X', price: '1', reasoning: 'Because.' }
  const refused = async (...recommendations: object[]) =>
    (await give({ rfqId: rfqIds[0]!, recommendations })).field
  expect(await refused()).toBe('recommendations')
  expect(await refused(sound, { ...sound, price: '-1' })).toBe('recommendations.1.price')
  expect(await refused({ ...sound, kind: 'STOCK_LEVEL' })).toBe('recommendations.0.kind')
  expect(await refused({ ...sound, confidence: 101 })).toBe('recommendations.0.confidence')
  expect(await refused({ ...sound, kind: 'ALTERNATIVE' })).toBe('recommendations.0.alternativePartNumber')
  expect(await refused({ ...sound, reasoning: ' ' })).toBe('recommendations.0.reasoning')
  expect((await give({ rfqId: 'nobody', recommendations: [sound] })).__typename).toBe('Missing')
  expect((await push('nobody')).__typename).toBe('Missing')
})

it('says of a request everything at once: what it comes to, line by line, and what to look out for', async () => {
  const rfqId = rfqIds[0]!
  const { rfqInsights: told } = await hub.ask(
    `query ($id: ID!) { rfqInsights(rfqId: $id) { rfq { id number lines { line quantity } } summary total { amount currency } cost { amount } pricedLines
      prices { ${FIELDS} } alternatives { ${FIELDS} } stockLevels { ${FIELDS} } supplyRisks { ${FIELDS} } } }`,
    { id: rfqId },
  )
  const quantity = new Map(
    told.rfq.lines.map((line: { line: number; quantity: number }) => [line.line, line.quantity]),
  )
  const cents = (text: string) => BigInt(Math.round(Number(text) * 10_000))
  const total = told.prices.reduce(
    (sum: bigint, { line, price }: Recommended) =>
      sum + cents(price!.amount) * BigInt(quantity.get(line) as number),
    0n,
  )
  expect(cents(told.total.amount)).toBe(total)
  expect(Number(told.cost.amount)).toBeLessThan(Number(told.total.amount))
  expect(told.pricedLines).toBe(told.prices.length)
  expect(told.summary[0]).toContain(told.rfq.number)
  for (const each of told.alternatives)
    expect(told.summary.join('\n')).toContain(
      `${each.alternativePartNumber} can stand in for ${each.partNumber}`,
    )
  const { recommendations } = await push(rfqId)
  const all = [...told.prices, ...told.alternatives, ...told.stockLevels, ...told.supplyRisks]
  expect(all.map(({ id }) => id).sort()).toEqual(recommendations.map(({ id }) => id).sort())
  expect((await hub.ask('{ rfqInsights(rfqId: "nobody") { pricedLines } }')).rfqInsights).toBeNull()
})

it('shows with SQL what is recommended for each request as the graph does, whatever was decided, in the shape that is pushed', async () => {
  const own = (await hub.recommended({ states: ['PROPOSED'] })).filter(({ rfq }) => rfq)
  const [accepted, refused] = own as [Recommended, Recommended]
  await decide('acceptRecommendation', accepted)
  await decide('rejectRecommendation', refused)
  const rows = await hub.select<{ id: string; advice: Record<string, unknown>[] | null }>(
    sql`select id, ai_recommendations as advice from c3.rfqs`,
  )
  const { rfqs } = await hub.ask('{ rfqs(first: 200) { nodes { id } pageInfo { hasNextPage } } }')
  expect(rfqs.pageInfo.hasNextPage).toBe(false)
  expect(rows.map(({ id }) => id).sort()).toEqual(rfqs.nodes.map(({ id }: { id: string }) => id).sort())
  for (const { id, advice } of rows) {
    const told = (
      await hub.ask(
        `query ($id: ID!) { rfqInsights(rfqId: $id) { prices { ${FIELDS} } alternatives { ${FIELDS} } } }`,
        { id },
      )
    ).rfqInsights
    const all: Recommended[] = [...told.prices, ...told.alternatives].filter(({ rfq }) => rfq)
    const promised = all.map(({ kind, confidence, reasoning, ...each }) =>
      kind === 'PRICING'
        ? {
            ...{ type: 'pricing', component: each.partNumber, suggestedPrice: Number(each.price!.amount) },
            ...{ confidence: confidence / 100, reasoning },
          }
        : {
            ...{ type: 'alternative', originalComponent: each.partNumber, reasoning },
            ...{
              alternativeComponent: each.alternativePartNumber,
              savings: Number(each.saving!.amount),
            },
          },
    )
    if (promised.length === 0) expect(advice).toBeNull()
    else {
      expect(advice).toHaveLength(promised.length)
      expect(advice).toEqual(expect.arrayContaining(promised))
      expect(shape.sent.safeParse({ rfqId: id, recommendations: advice }).error).toBeUndefined()
    }
  }
  const said = (each: Recommended) => rows.find(({ id }) => id === each.rfq!.id)!.advice ?? []
  const isSaid = (each: Recommended) =>
    said(each).some((one) => Object.values(one).includes(each.partNumber) && one.reasoning === each.reasoning)
  expect([isSaid(accepted), isSaid(refused)]).toEqual([true, false])
  expect(rows.some(({ advice }) => advice === null)).toBe(true)
})
