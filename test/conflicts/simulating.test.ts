import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { NO_RULES, type PolicyRules, tableOf } from '#subgraphs/customers/domain/policy.ts'
import { writeDecisions } from '#sync/decisions.ts'
import { emptyPlan } from '#sync/plan.ts'
import { decide, type PolicyTable } from '#sync/policy.ts'
import { DECISIONS_KEPT_MS, forgetHistory } from '#sync/retention.ts'
import { simulate } from '#sync/simulate.ts'
import type { FieldValue } from '#sync/values.ts'
import { ORG } from '#test/kit/customers.ts'
import { type Contested, contested } from './contested.ts'

const RECORDED = 2_000
const FIELDS = ['city', 'annualrevenue', 'warp_ban', 'phone', 'oppspot_score'] as const
const START = Date.parse('2026-11-01T00:00:00Z')
const now = tableOf({ version: 1, rules: NO_RULES })
const other: PolicyRules = {
  ...NO_RULES,
  fields: { companies: { city: 'LAST_WRITE', annualrevenue: 'HUBSPOT', phone: 'FILL_BLANK' } },
}

interface Made {
  field: string
  theirs: FieldValue
  ours: FieldValue
  theirsAt: Date
  oursAt: Date | undefined
}
/** A fixed sequence: every fifth knows no clock of ours, every seventh is empty here. */
const made: Made[] = Array.from({ length: RECORDED }, (_, n) => ({
  field: FIELDS[n % FIELDS.length]!,
  theirs: `theirs ${n}`,
  ours: n % 7 === 0 ? null : `ours ${n}`,
  theirsAt: new Date(START + n * 1000),
  oursAt: n % 5 === 4 ? undefined : new Date(START + n * 1000 + ((n % 9) - 4) * 1000),
}))

let bed: Contested
beforeAll(async () => {
  bed = await contested(1)
  for (let from = 0; from < RECORDED; from += 500)
    await bed.database.transaction(ORG, (tx) =>
      writeDecisions(
        tx,
        {
          ...emptyPlan('companies'),
          decisions: made.slice(from, from + 500).map((each, n) => {
            const { value, ...verdict } = decide(now, 'companies', each.field, { ...each, base: null })
            const externalId = String(from + n)
            return { ...each, ...verdict, base: null, externalId, localId: randomUUID(), isKnown: false }
          }),
        },
        {
          ...{ orgId: ORG, connectionId: bed.integrationId, runId: undefined },
          at: new Date(START + from * 1000),
        },
      ),
    )
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const expected = (table: PolicyTable) => {
  const counts = new Map<string, number>()
  for (const each of made) {
    const [was, wouldBe] = [now, table].map(
      (one) => decide(one, 'companies', each.field, { ...each, base: null }).outcome,
    )
    if (was !== wouldBe)
      counts.set(`${each.field} ${was} ${wouldBe}`, (counts.get(`${each.field} ${was} ${wouldBe}`) ?? 0) + 1)
  }
  return counts
}
const fingerprint = async () =>
  (
    await bed.database.read(ORG, (tx) =>
      sql<{
        of: string
      }>`select md5(string_agg(d::text, '' order by id)) as of from sync.decisions d`.execute(tx),
    )
  ).rows[0]!.of

it('makes recorded decisions again under another table, a page at a time, counts what would be otherwise, and changes nothing', async () => {
  const before = await fingerprint()
  const table = tableOf({ version: 1, rules: other })
  const window = {
    ...{ orgId: ORG, connectionId: bed.integrationId },
    ...{ since: new Date(START), until: new Date(START + 3_600_000) },
  }
  const examples = { limit: 3, after: null }
  const statements = bed.database.statements
  const found = await bed.database.read(ORG, (tx) => simulate(tx, window, table, examples, 300))
  expect(bed.database.statements - statements).toBe(Math.ceil(RECORDED / 300))
  expect(found.looked).toBe(RECORDED)
  const counted = new Map(
    found.differences.map(({ field, was, wouldBe, count }) => [`${field} ${was} ${wouldBe}`, count]),
  )
  expect(counted).toEqual(expected(table))
  expect(counted.get('annualrevenue open theirs')).toBe(RECORDED / FIELDS.length)
  expect(found.differing).toBe([...counted.values()].reduce((sum, count) => sum + count, 0))
  expect(found.examples).toHaveLength(3)
  const whole = await bed.database.read(ORG, (tx) => simulate(tx, window, table, examples))
  expect(whole).toEqual(found)
  // Under the table that they were made by they are what they were.
  const same = await bed.database.read(ORG, (tx) => simulate(tx, window, now, examples))
  expect(same).toMatchObject({ looked: RECORDED, differing: 0, differences: [], examples: [] })
  expect(await fingerprint()).toBe(before)
})

const SIMULATE = /* GraphQL */ `
  query ($id: ID!, $changes: PolicyChangeInput!, $since: DateTime, $until: DateTime, $first: Int! = 20, $after: Cursor) {
    simulatePolicy(integrationId: $id, changes: $changes, since: $since, until: $until, first: $first, after: $after) {
      __typename
      ... on PolicySimulation {
        version looked differing differences { objectType field was wouldBe count }
        examples { nodes { was wouldBe conflict { id field hubspot { text } } } pageInfo { endCursor hasNextPage } }
      }
      ... on Refusal { message }
    }
  }
`

it('tells the difference of a window in the graph, with examples page by page', async () => {
  const changes = { fields: [{ objectType: 'COMPANIES', field: 'annualrevenue', policy: 'HUBSPOT' }] }
  const window = { since: new Date(START).toISOString(), until: new Date(START + 500_000).toISOString() }
  const ask = async (more: object = {}) =>
    (await bed.ask(SIMULATE, { id: bed.integrationId, changes, ...window, ...more })).simulatePolicy
  const found = await ask({ first: 60 })
  expect(found).toMatchObject({
    ...{ version: 1, looked: 500, differing: 100 },
    differences: [
      { objectType: 'COMPANIES', field: 'annualrevenue', was: 'OPEN', wouldBe: 'HUBSPOT', count: 100 },
    ],
  })
  const { endCursor } = found.examples.pageInfo
  const rest = await ask({ first: 60, after: endCursor })
  expect([found.examples.pageInfo.hasNextPage, rest.examples.pageInfo.hasNextPage]).toEqual([true, false])
  const ids = [...found.examples.nodes, ...rest.examples.nodes].map(({ conflict }) => conflict.id)
  expect(new Set(ids).size).toBe(100)
  expect((await bed.policy()).version).toBe(1)
  expect(await ask({ changes: { rank: 0 } })).toMatchObject({ __typename: 'Invalid' })
  expect(await ask({ id: randomUUID() })).toMatchObject({ __typename: 'Missing' })
})

it('forgets settled decisions after ninety days, and open ones never', async () => {
  const count = async () =>
    (
      await bed.database.read(ORG, (tx) =>
        sql<{
          outcome: string
          count: number
        }>`select outcome, count(*)::int as count from sync.decisions group by outcome`.execute(tx),
      )
    ).rows
  const open = (await count()).filter(({ outcome }) => outcome === 'open')
  const place = { orgId: ORG, connectionId: bed.integrationId }
  const at = new Date(START + DECISIONS_KEPT_MS)
  await forgetHistory(bed.database as never, place, at, { batch: 300 })
  expect((await count()).reduce((sum, each) => sum + each.count, 0)).toBe(RECORDED)
  await forgetHistory(bed.database as never, place, new Date(at.getTime() + 3_600_000), { batch: 300 })
  expect(await count()).toEqual(open)
})
