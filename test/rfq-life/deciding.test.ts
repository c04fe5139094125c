import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Kinds } from '#connectors/c3/index.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { type C3Bed, importedC3, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { askSubgraph, DEMO, startWith, TEST_KEY } from '#test/kit/subgraph.ts'

type Rfq = Kinds['rfqs']
let bed: C3Bed
let ask: (query: string, variables?: Record<string, unknown>) => ReturnType<typeof askSubgraph>
let stop: () => Promise<void>

beforeAll(async () => {
  await using stack = new AsyncDisposableStack()
  bed = stack.use(await importedC3({ companies: 120 }, [reader]))
  const api = stack.use(
    await startInventory({ ...startWith(bed.test.urls, { worker: false }), encryptionKeys: [TEST_KEY] }),
  )
  ask = (query, variables = {}) => askSubgraph(api.url, query, variables)
  const all = stack.move()
  stop = () => all.disposeAsync()
})
afterAll(() => stop?.())

const RFQ = /* GraphQL */ `id c3RfqId status c3Status version nextStatuses total { amount } lines { line quantity unitPrice { amount } }
  reservations { c3StockId quantity }
  quotes { revision number total { amount } lines { line unitPrice { amount } } validUntil madeBy outcome lostReason }
  history(first: 50) { nodes { kind by previousStatus reason } }`
const used = new Set<string>()
/** A request of C3 that stands there so, each handed out once. */
const one = async (status: string, fits: (rfq: { lines: unknown[] }) => boolean = () => true) => {
  const { data } = await ask(
    `query ($in: [RfqStatus!]) { rfqs(first: 200, filter: { statuses: $in }) { nodes { ${RFQ} } } }`,
    {
      in: [status],
    },
  )
  const found = data.rfqs.nodes.find((rfq: never) => !used.has((rfq as { id: string }).id) && fits(rfq))
  used.add(found.id)
  return found
}
const seen = async (id: string) =>
  (await ask(`query ($id: ID!) { rfq(id: $id) { ${RFQ} } }`, { id })).data.rfq
const there = async (c3RfqId: string): Promise<Rfq> =>
  (await bed.records('rfqs')).find(({ rfqId }) => rfqId === c3RfqId)!
const ANSWER = /* GraphQL */ `__typename ... on RfqMoved { rfq { ${RFQ} } } ... on TransitionNotAllowed { status c3Status allowed }
  ... on Stale { currentVersion } ... on Invalid { field } ... on Refusal { code message }`
const quote = async (id: string, lines: object[], more: object = {}) =>
  (
    await ask(
      `mutation ($id: ID!, $lines: [QuoteLineInput!]!, $until: DateTime, $version: Int) {
        quoteRfq(id: $id, lines: $lines, validUntil: $until, expectedVersion: $version) { ${ANSWER} } }`,
      { id, lines, ...more },
    )
  ).data.quoteRfq
const win = async (id: string) =>
  (await ask(`mutation ($id: ID!) { winRfq(id: $id) { ${ANSWER} } }`, { id })).data.winRfq
const lose = async (id: string, reason = 'PRICE') =>
  (
    await ask(
      `mutation ($id: ID!, $reason: RfqLostReason!) { loseRfq(id: $id, reason: $reason) { ${ANSWER} } }`,
      {
        ...{ id, reason },
      },
    )
  ).data.loseRfq
const priced = (rfq: { lines: { line: number }[] }, unitPrice: string) =>
  rfq.lines.map(({ line }) => ({ line, unitPrice }))
const written = async () => {
  await using _ = writer(bed)
  await quiet(bed)
}

it('quotes, quotes anew and wins a request here at once, and C3 then has it so, to the last digit', async () => {
  const rfq = await one('OPEN', ({ lines }) => lines.length > 1)
  const pieces = rfq.lines.reduce((sum: number, { quantity }: { quantity: number }) => sum + quantity, 0)
  const first = await quote(rfq.id, priced(rfq, '0.1001'), {
    until: '2035-01-01T00:00:00.000Z',
    version: rfq.version,
  })
  const worth = (tenThousandths: number) => String((pieces * tenThousandths) / 10_000)
  expect(first.rfq).toMatchObject({
    status: 'QUOTED',
    version: rfq.version + 1,
    nextStatuses: ['QUOTED', 'WON', 'LOST', 'EXPIRED'],
  })
  expect(first.rfq.quotes).toMatchObject([
    { revision: 1, number: null, validUntil: '2035-01-01T00:00:00.000Z', madeBy: 'PERSON', outcome: 'OPEN' },
  ])
  expect(Number(first.rfq.quotes[0].total.amount)).toBe(Number(worth(1001)))
  await written()
  const kept = await there(rfq.c3RfqId)
  expect(kept).toMatchObject({ status: 'QUOTED', total: expect.any(String) })
  expect(new Set(kept.lines.map(({ unitPrice }) => unitPrice))).toEqual(new Set(['0.1001']))
  const quoted = await seen(rfq.id)
  expect(quoted.quotes[0]).toMatchObject({ number: kept.quoteId })
  expect(quoted.quotes[0].total.amount).toBe(quoted.total.amount)
  await quote(rfq.id, [{ line: rfq.lines[0].line, unitPrice: '0.2' }])
  expect((await win(rfq.id)).rfq).toMatchObject({ status: 'WON', c3Status: 'ORDERED', nextStatuses: [] })
  await written()
  expect(await there(rfq.c3RfqId)).toMatchObject({ status: 'ORDERED' })
  const now = await seen(rfq.id)
  expect(now.quotes.map(({ revision, outcome }: never) => [revision, outcome])).toEqual([
    [2, 'WON'],
    [1, 'SUPERSEDED'],
  ])
  expect(now.history.nodes).toEqual([
    { kind: 'WON', by: 'PERSON', previousStatus: 'QUOTED', reason: null },
    { kind: 'QUOTED', by: 'PERSON', previousStatus: null, reason: null },
    { kind: 'QUOTED', by: 'PERSON', previousStatus: 'OPEN', reason: null },
  ])
})

it('refuses to go where a request does not go, or without a price for every line, and changes nothing', async () => {
  const rfq = await one('OPEN', ({ lines }) => lines.length > 1)
  const [{ line }] = rfq.lines
  const code = async (lines: object[], more = {}) => (await quote(rfq.id, lines, more)).code
  expect(await code([{ line, unitPrice: '1' }])).toBe('LINES_WITHOUT_PRICE')
  expect(await code([{ line: 999, unitPrice: '1' }])).toBe('NO_SUCH_LINE')
  expect(await code([...priced(rfq, '1'), { line, unitPrice: '1' }])).toBe('LINE_TWICE')
  expect(await code(priced(rfq, '1.23456'))).toBe('INVALID_PRICE')
  expect(await code(priced(rfq, '-1'))).toBe('INVALID_PRICE')
  expect(await code(priced(rfq, '1'), { until: '2020-01-01T00:00:00.000Z' })).toBe('IN_THE_PAST')
  expect(await code(priced(rfq, '1'), { version: rfq.version + 1 })).toBe('STALE')
  expect(await win(rfq.id)).toMatchObject({
    ...{ code: 'TRANSITION_NOT_ALLOWED', status: 'OPEN', c3Status: 'NEW' },
    allowed: ['QUOTED', 'LOST', 'EXPIRED'],
  })
  const won = await one('WON')
  expect(await lose(won.id)).toMatchObject({ code: 'TRANSITION_NOT_ALLOWED', allowed: [] })
  expect((await win('nobody')).__typename).toBe('Missing')
  expect(await seen(rfq.id)).toEqual(rfq)
  expect(await bed.outgoing()).toEqual([])
})

it('gives back what was held for a request that is lost, and says why it was lost', async () => {
  const rfq = await one('QUOTED')
  const [row] = (await bed.records('inventory')).filter(
    (each) => each.quantityAvailable - each.quantityReserved > 5,
  )
  const { data } = await ask(
    'query ($n: String!) { stock(first: 200, partNumber: $n) { nodes { id c3StockId } } }',
    {
      n: row!.partNumber,
    },
  )
  const { id: stockItemId } = data.stock.nodes.find(
    (node: { c3StockId: string }) => node.c3StockId === row!.stockId,
  )
  await ask('mutation ($input: ReserveStockInput!) { reserveStock(input: $input) { __typename } }', {
    input: { rfqId: rfq.id, stockItemId, quantity: 5 },
  })
  await written()
  const lost = (await lose(rfq.id, 'LEAD_TIME')).rfq
  expect(lost).toMatchObject({ status: 'LOST', quotes: [{ outcome: 'LOST', lostReason: 'LEAD_TIME' }] })
  expect(
    lost.history.nodes
      .slice(0, 2)
      .map(({ kind }: { kind: string }) => kind)
      .sort(),
  ).toEqual(['LOST', 'RELEASED'])
  await written()
  expect(await there(rfq.c3RfqId)).toMatchObject({ status: 'LOST', reservations: [] })
  expect((await seen(rfq.id)).reservations).toEqual([])
  const now = (await bed.records('inventory')).find(({ stockId }) => stockId === row!.stockId)!
  expect(now.quantityReserved).toBe(row!.quantityReserved)
})

it('stands as C3 has it where C3 was decided otherwise at the same time', async () => {
  const rfq = await one('QUOTED')
  expect((await win(rfq.id)).rfq.status).toBe('WON')
  await bed.sim('records/rfqs', { rfqId: rfq.c3RfqId, status: 'LOST' })
  await written()
  expect(await there(rfq.c3RfqId)).toMatchObject({ status: 'LOST' })
  const now = await seen(rfq.id)
  expect(now).toMatchObject({ status: 'LOST', quotes: [{ outcome: 'LOST' }] })
  expect(now.history.nodes[0]).toMatchObject({ kind: 'LOST', by: 'C3', previousStatus: 'WON' })
})

it('takes back what C3 does not let be decided, and writes the rest', async () => {
  const rfq = await one('OPEN', ({ lines }) => lines.length === 1)
  await quote(rfq.id, priced(rfq, '3'))
  // The customer asks for one part more before C3 is told: of that nobody has named a price.
  const { lines } = await there(rfq.c3RfqId)
  const more = { ...lines[0]!, line: lines[0]!.line + 1, unitPrice: null }
  await bed.sim('records/rfqs', { rfqId: rfq.c3RfqId, lines: [...lines, more] })
  await written()
  expect(await there(rfq.c3RfqId)).toMatchObject({
    status: 'NEW',
    lines: [{ unitPrice: '3.0000' }, { unitPrice: null }],
  })
  const now = await seen(rfq.id)
  expect(now).toMatchObject({ status: 'OPEN', c3Status: 'NEW', quotes: [{ outcome: 'WITHDRAWN' }] })
  expect(now.history.nodes[0]).toMatchObject({ kind: 'STATUS_REFUSED', by: 'C3' })
})

it('counts and sums up what requests of a choice are worth, page by page', async () => {
  const rfqs = await bed.records('rfqs')
  const list = async (filter: object, first = 200, after: string | null = null) =>
    (
      await ask(
        'query ($filter: RfqFilter, $first: Int!, $after: Cursor) { rfqs(filter: $filter, first: $first, after: $after) { totalCount totals { total { amount currency } rfqs } pageInfo { endCursor hasNextPage } nodes { number c3RfqId status dueAt } } }',
        { filter, first, after },
      )
    ).data.rfqs
  const open = rfqs.filter(({ status }) => ['NEW', 'QUOTED'].includes(status))
  const both = await list({ statuses: ['OPEN', 'QUOTED'] })
  expect(both.totalCount).toBe(open.length)
  const cents = (text: string | null) => BigInt(text?.replace('.', '') ?? 0)
  const exact = ({ amount }: { amount: string }) => {
    const [whole, part = ''] = amount.split('.')
    return BigInt(`${whole}${part.padEnd(4, '0')}`)
  }
  expect(both.totals).toHaveLength(1)
  expect(exact(both.totals[0].total)).toBe(open.reduce((sum, { total }) => sum + cents(total), 0n))
  const [first] = open
  expect((await list({ number: first!.rfqNumber })).nodes).toMatchObject([{ number: first!.rfqNumber }])
  const due = open.toSorted((a, b) => a.dueAt.localeCompare(b.dueAt))[1]!.dueAt
  expect((await list({ dueBefore: due })).totalCount).toBe(rfqs.filter(({ dueAt }) => dueAt < due).length)
  expect((await list({ hasConflict: true })).totalCount).toBe(0)
  expect((await list({ customerId: 'nobody' })).totalCount).toBe(0)
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo } = await list({ statuses: ['OPEN', 'QUOTED'] }, 3, after)
    found.push(...nodes.map(({ c3RfqId }: { c3RfqId: string }) => c3RfqId))
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }
  expect(found).toEqual(both.nodes.map(({ c3RfqId }: { c3RfqId: string }) => c3RfqId))
})

it('remembers which part a customer means by a number, for this customer alone, until that is taken back', async () => {
  const [mine, too, others] = (await bed.records('rfqs')).slice(-3) as [Rfq, Rfq, Rfq]
  const [part] = await bed.records('inventory')
  const line = {
    ...mine.lines[0]!,
    line: 1,
    partNumber: part!.partNumber.toLowerCase(),
    manufacturer: 'Whoever',
  }
  const stranger = (await bed.records('customers')).find(({ customerId }) => customerId !== mine.customerId)!
  for (const [rfq, customerId] of [
    [mine, mine.customerId],
    [too, mine.customerId],
    [others, stranger.customerId],
  ] as const)
    await bed.sim('records/rfqs', { rfqId: rfq.rfqId, customerId, lines: [line], total: null })
  await bed.note('rfqs', [mine.rfqId, too.rfqId, others.rfqId])
  await quiet(bed)
  const { data } = await ask('{ rfqs(first: 200) { nodes { id c3RfqId version } } }')
  const idOf = ({ rfqId }: Rfq): string =>
    data.rfqs.nodes.find((node: { c3RfqId: string }) => node.c3RfqId === rfqId).id
  const matches = async () =>
    await Promise.all(
      [mine, too, others].map(async (rfq) => {
        const { data } = await ask(
          'query ($id: ID!) { rfq(id: $id) { lines { match component { partNumber } candidates { partNumber } } } }',
          { id: idOf(rfq) },
        )
        const [first] = data.rfq.lines
        expect(first.candidates).toEqual([{ partNumber: part!.partNumber }])
        return [first.match, first.component?.partNumber ?? null]
      }),
    )
  const choose = async (componentId: string | null, more: object = {}) =>
    (
      await ask(
        `mutation ($id: ID!, $line: Int!, $part: ID, $version: Int) {
          chooseComponent(rfqId: $id, line: $line, componentId: $part, expectedVersion: $version) {
            __typename ... on ComponentChosen { rfq { version history(first: 1) { nodes { kind line component { partNumber } } } } } ... on Refusal { code } } }`,
        { id: idOf(mine), line: 1, part: componentId, ...more },
      )
    ).data.chooseComponent
  const unsure = ['UNSURE', null]
  expect(await matches()).toEqual([unsure, unsure, unsure])
  const components = await ask('{ components(first: 2) { nodes { id partNumber } } }')
  const [wrong, right] = components.data.components.nodes
  expect(await choose(wrong.id, { line: 7 })).toMatchObject({ code: 'NO_SUCH_LINE' })
  expect(await choose(idOf(mine))).toMatchObject({ __typename: 'Missing' })
  expect(await choose(wrong.id, { version: 99 })).toMatchObject({ code: 'STALE' })
  const due = () =>
    bed.database.read(DEMO, (tx) =>
      tx.selectFrom('inventory.advice_due').selectAll().where('id', '=', idOf(mine)).execute(),
    )
  const before = await due()
  await choose(wrong.id)
  // What is recommended for the line is looked at anew.
  expect(await due()).not.toEqual(before)
  const { rfq } = await choose(right.id)
  const chosen = { line: 1, component: { partNumber: right.partNumber } }
  expect(rfq.history.nodes).toEqual([{ kind: 'COMPONENT_CHOSEN', ...chosen }])
  // Said again it changes nothing.
  expect((await choose(right.id)).rfq.version).toBe(rfq.version)
  expect(await matches()).toEqual([['CHOSEN', right.partNumber], ['REMEMBERED', right.partNumber], unsure])
  await choose(null)
  expect(await matches()).toEqual([
    ['REMEMBERED', wrong.partNumber],
    ['REMEMBERED', wrong.partNumber],
    unsure,
  ])
  await choose(null)
  expect(await matches()).toEqual([unsure, unsure, unsure])
  expect(await bed.outgoing()).toEqual([])
})
