import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'

let hub: WholeHub
beforeAll(async () => {
  hub = await startWholeHub({ companies: 3, isByTheClock: false })
})
afterAll(() => hub?.[Symbol.asyncDispose]())

interface Entry {
  part: string
  operation: string
  actor: { kind: string; id: string; name?: string | null }
  subjectType: string
  subjectId: string
  door: string | null
  traceId: string | null
  idempotencyKey: string | null
  changes: { field: string; before: string | null; after: string | null }[]
}
const LIST = /* GraphQL */ `
  query ($filter: AuditFilter, $first: Int! = 50, $after: Cursor) {
    audit(filter: $filter, first: $first, after: $after) {
      nodes { part operation actor { kind id name } subjectType subjectId door traceId idempotencyKey changes { field before after } }
      pageInfo { endCursor hasNextPage }
    }
  }
`
const list = async (filter: object = {}, more: object = {}) => {
  const { data, errors } = await hub.ask(LIST, { filter, ...more })
  expect(errors).toBeUndefined()
  return data.audit as { nodes: Entry[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } }
}
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

it('shows every change of every part in one list: who, what, from where', async () => {
  const from = systemClock.now().toISOString()
  await hub.ask('mutation { createApiKey(name: "of the audit", scopes: ["customers:read"]) { __typename } }')
  await hub.ask(
    'mutation { setCreditPerCall(perCall: "3.25") { __typename } }',
    {},
    {
      headers: { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` },
    },
  )
  await hub.ask(
    'mutation { setInsightsSettings(expectedVersion: 1, changes: { health: { weights: { crm: "2", payment: "1", usage: "1", support: "1" } } }) { __typename } }',
  )
  const opened = await fetch(`${hub.url}/api/v2/billing-accounts`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await hub.token()}`,
      'idempotency-key': 'order-7:ann@example.com',
    },
    body: JSON.stringify({
      input: { ban: 'AUDIT-1', name: 'Audit Telephony', domain: 'audit.example', trunks: [], numbers: [] },
    }),
  })
  expect(opened.status, await opened.text()).toBeLessThan(300)
  await until(async () => {
    const parts = new Set((await list({ actorKind: 'USER', from })).nodes.map(({ part }) => part))
    return (
      ['HUB', 'TELEPHONY', 'INSIGHTS'].every((part) => parts.has(part)) &&
      (await list({ subjectType: 'BillingAccount', subjectId: 'AUDIT-1' })).nodes.length > 0
    )
  })
  const [key] = (await list({ operation: 'createApiKey' })).nodes
  expect(key).toMatchObject({
    ...{ part: 'HUB', subjectType: 'ApiKey', door: 'GRAPHQL', idempotencyKey: null },
    actor: { kind: 'USER', id: 'demo:admin', name: expect.any(String) },
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  const [credit] = (await list({ operation: 'setCreditPerCall', part: 'TELEPHONY' })).nodes
  expect(credit).toMatchObject({ traceId: TRACE, door: 'GRAPHQL' })
  expect(credit?.changes).toContainEqual({ field: 'perCall', before: '"10"', after: '"3.25"' })
  const [account] = (await list({ subjectType: 'BillingAccount', subjectId: 'AUDIT-1' })).nodes
  expect(account).toMatchObject({ door: 'REST', idempotencyKey: 'order-7:[email]', part: 'TELEPHONY' })
})

it('is read in pages, newest first, and by who did it, what, and when', async () => {
  const whole = (await list({ actorKind: 'USER' }, { first: 200 })).nodes
  const paged: Entry[] = []
  for (let after: string | null = null; ; ) {
    const page = await list({ actorKind: 'USER' }, { first: 2, after })
    paged.push(...page.nodes)
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage) break
  }
  expect(whole.length).toBeGreaterThanOrEqual(4)
  expect(paged).toEqual(whole)
  expect((await list({ actorId: 'nobody' })).nodes).toEqual([])
  expect((await list({ to: '2020-01-01T00:00:00Z' })).nodes).toEqual([])
  expect((await list({ actorKind: 'SYSTEM' })).nodes.every(({ actor }) => actor.kind === 'SYSTEM')).toBe(true)
})

it('is shown to who may read it, and only of one’s own organisation', async () => {
  const as = async (role: string, org?: string) => hub.ask(LIST, {}, { token: await hub.token(role, org) })
  expect((await as('agent')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect((await as('readonly')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect((await as('operator')).data.audit.nodes.length).toBeGreaterThan(0)
  expect((await as('admin', 'empty')).data.audit.nodes).toEqual([])
})
