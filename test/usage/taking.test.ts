import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeOrganisations } from '#subgraphs/telephony/commands/take-organisations.ts'
import { takeUsage } from '#subgraphs/telephony/commands/take-usage.ts'
import { DEMO, principal } from '#test/kit/subgraph.ts'
import { madeUp, type UsageBed, usageBed, wrongSums } from './bed.ts'

let bed: UsageBed
beforeAll(async () => {
  bed = await usageBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const count = async () => Number((await bed.rows('select count(*) as n from telephony.usage_records'))[0]!.n)

it('makes room for days once, though several senders bring their first records at once', async () => {
  const sent = Array.from({ length: 8 }, (_, n) => madeUp(bed, 40, { prefix: `first-${n}`, days: 30 }))
  const answers = await Promise.all(sent.map((lines) => bed.post(lines)))
  expect(answers.map(({ status, body }) => [status, body.accepted])).toEqual(sent.map(() => [200, 40]))
})

it('takes calls and messages over, packed too, and adds them up just as a recount of all would', async () => {
  const sent = madeUp(bed, 4_000)
  expect(await bed.post(sent.slice(0, 2_500), { packed: true })).toMatchObject({
    status: 200,
    body: { accepted: 2_500, known: 0, refused: [] },
  })
  expect(await bed.post(sent.slice(2_500))).toMatchObject({ body: { accepted: 1_500 } })
  expect(await wrongSums(bed, 'UTC')).toEqual([])
})

it('counts a record once, however often it is sent, at once from several senders too', async () => {
  const sent = madeUp(bed, 1_000, { prefix: 'again' })
  const before = await count()
  const answers = await Promise.all([bed.post(sent), bed.post(sent), bed.post([...sent, ...sent])])
  expect(answers.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(1_000)
  expect(answers.reduce((sum, { body }) => sum + body.known, 0)).toBe(3_000)
  expect(await count()).toBe(before + 1_000)
  expect(await wrongSums(bed, 'UTC')).toEqual([])
})

it('lets senders of an organisation pass each other, and has whoever adds its days up anew wait for them', async () => {
  await using alone = await usageBed()
  const made = madeUp(alone, 2_000, { days: 3 })
  const of = (account: number) =>
    made.filter(({ trunkId }) => alone.accounts[account]!.trunks.includes(trunkId))
  await alone.post(of(0).slice(0, 500))
  const event = {
    ...{ pos: 1, orgId: DEMO, key: DEMO, name: 'hub.organisation.changed', version: 1 },
    ...{ payload: { organisationId: DEMO, slug: 'demo', timeZone: 'Asia/Kathmandu' } },
    occurredAt: alone.clock.now(),
  }
  const under = await alone.database.transaction(DEMO, async (tx) => {
    const sent = of(0).map((told, index) => ({ index, told }))
    expect((await takeUsage(tx, { orgId: DEMO, clock: alone.clock }, sent)).known).toBe(500)
    // What was written above nobody else sees yet.
    expect((await alone.post(of(1))).body).toMatchObject({ accepted: of(1).length, known: 0 })
    const moved = alone.database.transaction(DEMO, (other) => takeOrganisations(other, DEMO, [event]))
    await alone.waiting()
    return { moved }
  })
  await under.moved
  expect(await wrongSums(alone, 'Asia/Kathmandu')).toEqual([])
})

it('takes the good ones of a thousand bad lines, and names line and reason of each bad one', async () => {
  const good = madeUp(bed, 500, { prefix: 'good' })
  const bad: [unknown, RegExp][] = [
    ['{"id":', /no object/],
    ['[]', /no object/],
    [{ ...good[0]!, id: '' }, /^id /],
    [{ ...good[0]!, trunkId: 'main' }, /^trunkId /],
    [{ ...good[0]!, trunkId: '00000000-0000-4000-8000-00000000dead' }, /no trunk/],
    [{ ...good[0]!, kind: 'FAX' }, /^kind /],
    [{ ...good[0]!, startedAt: '2026-11-21 09:30' }, /^startedAt /],
    [{ ...good[0]!, startedAt: '2031-01-01T00:00:00Z' }, /future/],
    [{ ...good[0]!, startedAt: '2019-01-01T00:00:00Z' }, /95 days/],
    [{ ...good[0]!, kind: 'CALL', answered: true, seconds: -1 }, /^seconds /],
    [{ ...good[0]!, kind: 'MESSAGE', answered: true, seconds: 5 }, /message/],
    [{ ...good[0]!, class: 'MOON' }, /^class /],
  ]
  const lines = Array.from({ length: 1_500 }, (_, n) =>
    n % 3 === 0 ? good[n / 3]! : bad[(n - Math.ceil(n / 3)) % bad.length]![0],
  )
  const { body } = await bed.post(lines)
  expect(body).toMatchObject({ accepted: 500, known: 0, refusedCount: 1_000 })
  expect(body.refused).toHaveLength(1_000)
  for (const { line, message } of body.refused) {
    const n = line - 1
    expect(message).toMatch(bad[(n - Math.ceil(n / 3)) % bad.length]![1])
  }
  expect(await wrongSums(bed, 'UTC')).toEqual([])
})

it('refuses what cannot be unpacked, and whoever may not write', async () => {
  const before = await count()
  // More than a socket holds at once: what nobody reads must not keep the next request waiting.
  const sent = madeUp(bed, 5_000, { prefix: 'refused' })
  expect(await bed.post(sent, { packed: true, broken: true })).toMatchObject({
    status: 400,
    body: { code: 'BAD_INPUT' },
  })
  expect(await bed.post(sent, { caller: principal(undefined, 'telephony:read') })).toMatchObject({
    status: 403,
    body: { code: 'FORBIDDEN' },
  })
  expect(await count()).toBe(before)
})

it('refuses a line that is too long whether it comes at once or in pieces, and writes down who sent what', async () => {
  const long = JSON.stringify({ id: 'x'.repeat(20_000) })
  for (const lines of [[long], Array.from({ length: 20 }, () => long)])
    expect(await bed.post(lines)).toMatchObject({ status: 400, body: { code: 'BAD_INPUT' } })
  await bed.post(madeUp(bed, 5, { prefix: 'audited' }))
  const rows = await bed.rows(
    `select who_id, diff from service.audit_log where action = 'ingestUsage' order by id desc limit 1`,
  )
  expect(JSON.stringify(rows)).toContain('user:test')
  expect(JSON.stringify(rows)).toContain('accepted')
})

it('takes nothing for a trunk of another organisation', async () => {
  const before = await count()
  const other = principal('00000000-0000-4000-8000-000000000002')
  const { body } = await bed.post(madeUp(bed, 3, { prefix: 'other' }), { caller: other })
  expect(body).toMatchObject({ accepted: 0, refusedCount: 3 })
  expect(body.refused[0].message).toContain('no trunk')
  expect(await count()).toBe(before)
})

it('takes records over the graph as it does by the line, and says which it could not', async () => {
  const [one, two] = madeUp(bed, 2, { prefix: 'graph' })
  const ingest = (records: unknown[]) =>
    bed.ask(
      `mutation ($records: [UsageRecordInput!]!) { ingestUsage(records: $records) {
        ... on UsageIngested { accepted known refused { index message } receipt { position } } ... on Invalid { field } } }`,
      { records },
    )
  expect(await ingest([one, { ...two!, kind: 'MESSAGE', answered: true, seconds: 9 }, one])).toMatchObject({
    accepted: 1,
    known: 1,
    refused: [{ index: 1, message: expect.stringContaining('message') }],
  })
  expect(await ingest(Array.from({ length: 1_001 }, () => one))).toEqual({ field: 'records' })
})

it('asks as many statements for many records as for few', async () => {
  const asked = async (n: number, prefix: string) => {
    bed.statements.length = 0
    await bed.post(madeUp(bed, n, { prefix }))
    return bed.statements.filter((text) =>
      /into telephony\.usage|id, ban from telephony\.trunks|telephony\.make/.test(text),
    ).length
  }
  expect(await asked(2_000, 'many')).toBe(await asked(1, 'few'))
})
