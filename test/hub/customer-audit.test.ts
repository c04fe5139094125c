import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Principal } from '#kernel/principal.ts'
import { ask, seal } from '#test/service/graph.ts'
import { admin, DEMO, EMPTY, startTestHub, type TestHub } from './hub.ts'

const [ONE, TWO, OTHER] = ['customer-1', 'customer-2', 'customer-3']
let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub({ clock: systemClock, worker: false })
  await session(hub.db.adminUrl, async (client) => {
    let minute = 0
    const write = (
      type: string,
      id: string,
      action: string,
      more: { org?: string; actor?: string; part?: string } = {},
    ) =>
      client.query(
        `insert into hub.audit_entries (org_id, id, part, at, actor_kind, actor_id, action, subject_type, subject_id, diff, door)
         values ($1, $2, $3, $4, 'user', $5, $6, $7, $8, $9, 'REST')`,
        [
          ...[
            more.org ?? DEMO,
            `part:${++minute}`,
            more.part ?? 'customers',
            new Date(Date.UTC(2026, 2, 1, 8, minute)),
          ],
          ...[more.actor ?? 'ada', action, type, id, { name: ['[name]', '[name]'] }],
        ],
      )
    await write('Customer', ONE, 'first')
    await write('BillingAccount', 'BAN-1', 'second', { part: 'telephony', actor: 'grace' })
    await write('Customer', TWO, 'of the second')
    await write('Customer', ONE, 'third')
    await write('Customer', ONE, 'of another organisation', { org: EMPTY })
    await write('BillingAccount', 'BAN-2', 'fourth', { part: 'telephony' })
    await write('BillingAccount', ONE, 'of an account that is called as the customer')
    await write('Deal', 'BAN-1', 'of a deal that is called as the account')
    await write('Customer', ONE, 'fifth', { actor: 'grace' })
  })
})
afterAll(() => hub[Symbol.asyncDispose]())

interface Page {
  nodes: { operation: string; part: string; door: string; changes: object[] }[]
  pageInfo: { endCursor: string | null; hasNextPage: boolean }
}
const customers = [
  { __typename: 'Customer', id: ONE, bans: ['BAN-1', 'BAN-2'] },
  { __typename: 'Customer', id: TWO, bans: [] },
  { __typename: 'Customer', id: OTHER, bans: [] },
]
const read = async (args = '', caller: Principal = admin()) => {
  const text = `query ($customers: [_Any!]!) { _entities(representations: $customers) { ... on Customer {
    audit${args} { nodes { operation part door changes { field before after } } pageInfo { endCursor hasNextPage } } } } }`
  const { data, errors } = await ask(hub.url, await seal.sign(caller), text, { customers })
  const found = (data as unknown as { _entities: ({ audit: Page | null } | null)[] } | null)?._entities ?? []
  return { errors, pages: found.map((one) => one?.audit) }
}
const operations = (page: Page | null | undefined) => page?.nodes.map(({ operation }) => operation)

it('tells of each customer every change of its record and its billing accounts, newest first, in one statement for all', async () => {
  const statements = await hub.statementsOf(() => read())
  expect(statements).toHaveLength(1)
  const [one, two, other] = (await read()).pages
  expect(operations(one)).toEqual(['fifth', 'fourth', 'third', 'second', 'first'])
  expect([operations(two), operations(other)]).toEqual([['of the second'], []])
  expect(one!.nodes[1]).toMatchObject({ part: 'TELEPHONY', door: 'REST' })
  expect(one!.nodes[0]!.changes).toEqual([{ field: 'name', before: '"[name]"', after: '"[name]"' }])
})

it('is read page by page, and narrowed as the audit is', async () => {
  const paged: string[] = []
  for (let after = 'null'; ; ) {
    const [page] = (await read(`(first: 2, after: ${after})`)).pages
    paged.push(...operations(page)!)
    if (!page!.pageInfo.hasNextPage) break
    after = `"${page!.pageInfo.endCursor}"`
  }
  expect(paged).toEqual(['fifth', 'fourth', 'third', 'second', 'first'])
  const narrowed = async (filter: string) => operations((await read(`(filter: { ${filter} })`)).pages[0])
  expect(await narrowed('actorId: "grace"')).toEqual(['fifth', 'second'])
  expect(await narrowed('part: TELEPHONY')).toEqual(['fourth', 'second'])
  expect(await narrowed('subjectType: "Customer", from: "2026-03-01T08:04:00Z"')).toEqual(['fifth', 'third'])
  expect(await narrowed('operation: "third"')).toEqual(['third'])
})

it('is shown to who may read the audit, of one’s own organisation, and to no key for some customers', async () => {
  const scopes = ['customers:read', 'telephony:read']
  const { errors } = await read('', { kind: 'user', id: 'agent', orgId: DEMO, scopes })
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  expect(operations((await read('', admin(EMPTY))).pages[0])).toEqual(['of another organisation'])
  const rows = ['01890000-0000-7000-8000-000000000001']
  const limited: Principal = { kind: 'key', id: 'k', orgId: DEMO, scopes: [...scopes, 'audit:read'], rows }
  expect((await read('', limited)).pages.map(operations)).toEqual([[], [], []])
})
