import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadManifest } from '#operations/manifest.ts'
import { fillDemo } from '../journeys/full-demo.ts'
import { leaveHealth } from '../journeys/traces.ts'
import { apiSchema } from '../kit/probes.ts'
import { until } from '../kit/until.ts'
import { startWholeHub, type WholeHub } from '../kit/whole-hub.ts'

/** The demo organisation holds something of every kind; the empty one nothing. */
let hub: WholeHub
let keys: Record<string, string>
beforeAll(async () => {
  hub = await startWholeHub({ companies: 20, isByTheClock: false, advises: true })
  await hub.synced()
  ;({ keys } = await fillDemo(hub))
  await leaveHealth(hub, keys.Customer!)
})
afterAll(() => hub?.[Symbol.asyncDispose]())

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it was sent
type Line = Record<string, any>
const get = async (path: string, token?: string) =>
  fetch(`${hub.url}${path}`, { headers: { authorization: `Bearer ${token ?? (await hub.token())}` } })
const exported = async (kind: string, token?: string): Promise<Line[]> => {
  const response = await get(`/api/v2/export/${kind}`, token)
  const text = await response.text()
  expect([kind, response.status, response.ok ? '' : text]).toEqual([kind, 200, ''])
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}
const operations = loadManifest().operations.filter((operation) => operation.export)
const kinds = [...new Set(operations.map((operation) => operation.export!.kind))]
const recordsOf = (lines: Line[]) => lines.filter(({ operation }) => operation === 'CHANGED')

it('exports whatever changes can name, and of each kind what its lists show page by page', async () => {
  const followed = (
    apiSchema().getType('ChangedType') as unknown as { getValues(): { name: string }[] }
  ).getValues()
  expect([...kinds].sort()).toEqual(followed.map(({ name }) => name).sort())
  for (const kind of kinds) {
    const walked = new Set<string>()
    for (const { text, paging, export: given } of operations.filter((one) => one.export!.kind === kind))
      for (let after: string | null = null, isMore = true; isMore; ) {
        const { data } = await hub.ask(text, { ...given!.with, first: 7, [paging!.after]: after })
        const list = data[paging!.at[0]!]
        for (const node of list.nodes)
          walked.add(given!.id.reduce((at: Line, name) => at[name], node) as unknown as string)
        after = list.pageInfo.endCursor
        isMore = list.pageInfo.hasNextPage
      }
    const lines = await exported(kind)
    expect([
      kind,
      recordsOf(lines)
        .map(({ id }) => id)
        .sort(),
    ]).toEqual([kind, [...walked].sort()])
    expect([kind, walked.size > 0]).toEqual([kind, true])
    expect(lines.at(-1)).toMatchObject({ cursor: expect.any(String), records: walked.size })
  }
})

it('fault 59: exports nothing of another organisation, and not what a caller may not read', async () => {
  const token = await hub.token('admin', 'empty')
  for (const kind of kinds) {
    const lines = await exported(kind, token)
    expect([kind, lines.filter(({ id }) => id)]).toEqual([kind, []])
    expect(lines.at(-1)).toMatchObject({ records: 0, deleted: 0 })
  }
  const { data } = await hub.ask(
    'mutation { createApiKey(name: "some", scopes: ["telephony:read"]) { ... on ApiKeyCreated { secret } } }',
  )
  const { secret } = data.createApiKey
  const refused = await get('/api/v2/export/CONTACT', secret)
  expect([refused.status, ((await refused.json()) as Line).code]).toEqual([403, 'FORBIDDEN'])
})

it('shows each role what the list shows it, with the same masks', async () => {
  for (const [kind, name] of [
    ['CONTACT', 'Contacts'],
    ['CONFLICT', 'Conflicts'],
  ] as const)
    for (const role of ['admin', 'readonly']) {
      const token = await hub.token(role)
      const { text, export: given, roots } = operations.find((one) => one.name === name)!
      const { data } = await hub.ask(text, { ...given!.with, first: 200 }, { token })
      const shown = data[roots[0]!].nodes as Line[]
      const records = recordsOf(await exported(kind, token)).map(({ record }) => record)
      expect(shown.length).toBeGreaterThan(0)
      expect(records).toEqual(expect.arrayContaining(shown))
    }
})

it('exports to callers of some customers what is theirs, and tells them of no changes', async () => {
  const { data } = await hub.ask(
    `mutation ($of: [ID!]) { createApiKey(name: "some", scopes: ["customers:read", "insights:read"], customerIds: $of) { ... on ApiKeyCreated { secret } } }`,
    { of: [keys.Customer] },
  )
  const { secret } = data.createApiKey
  const lines = await exported('CUSTOMER', secret)
  expect(recordsOf(lines).map(({ id }) => id)).toEqual([keys.Customer])
  expect(lines.at(-1)).toEqual({ cursor: null, records: 1, deleted: 0 })
  const refused = await get('/api/v2/changes', secret)
  expect([refused.status, ((await refused.json()) as Line).code]).toEqual([403, 'FORBIDDEN'])
})

it('tells of those that were erased, and changes goes on from the cursor', async () => {
  const begun = await exported('CONTACT')
  const { record } = recordsOf(begun).find(({ record: one }) => one.email)!
  const erased = await hub.ask(
    `mutation ($subject: PersonSubject!) { erasePerson(subject: $subject, reason: ASKED_BY_PERSON) { ... on PersonErased { contactIds } } }`,
    { subject: { email: record.email } },
  )
  const ids = erased.data.erasePerson.contactIds as string[]
  expect(ids.length).toBeGreaterThan(0)
  const { cursor } = begun.at(-1) as Line
  const told = await until(async () => {
    const { edges } = (await (await get(`/api/v2/changes?types=CONTACT&after=${cursor}`)).json()) as Line
    const gone = edges
      .filter(({ node }: Line) => node.operation === 'DELETED')
      .map(({ node }: Line) => node.id)
    return gone.length >= ids.length && gone
  })
  expect(told).toEqual(expect.arrayContaining(ids))
  const again = await exported('CONTACT')
  expect(again.filter(({ operation }) => operation === 'DELETED').map(({ id }) => id)).toEqual(
    expect.arrayContaining(ids),
  )
  expect(recordsOf(again).some(({ id }) => ids.includes(id))).toBe(false)
  expect(JSON.stringify(again)).not.toContain(record.email)
})
