import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import type { Values } from '#sync/values.ts'
import { reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type AskedC3, askedC3, openRequests } from './bed.ts'

let bed: AskedC3
let rfqs: Rfq[]
beforeAll(async () => {
  bed = await askedC3({}, [reader, writer])
  rfqs = await openRequests(bed, 4)
  await bed.note(
    'rfqs',
    rfqs.map(({ rfqId }) => rfqId),
  )
  await quiet(bed)
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const SAVE = `mutation ($id: ID!, $version: Int!, $changes: C3PolicyChangeInput!) { saveC3Policy(integrationId: $id, expectedVersion: $version, changes: $changes) { __typename
  ... on C3PolicySaved { policy { version clockToleranceMs savedBy fields { type field policy isDefault } } } ... on Stale { currentVersion } ... on Refusal { code message } } }`
const SIMULATE = `query ($id: ID!, $changes: C3PolicyChangeInput!) { simulateC3Policy(integrationId: $id, changes: $changes) { __typename
  ... on C3PolicySimulation { looked differing differences { type field was wouldBe count } examples { nodes { was wouldBe conflict { recordId c3 { text } hub { text } } } } } ... on Refusal { message } } }`
const save = async (version: number, changes: object) =>
  (await bed.ask(SAVE, { id: bed.integrationId, version, changes })).saveC3Policy
const simulate = async (changes: object) =>
  (await bed.ask(SIMULATE, { id: bed.integrationId, changes })).simulateC3Policy
const policyOf = async (field: string) =>
  (await bed.ask(`{ c3Policy { version policyOf(type: "rfqs", field: "${field}") { policy isDefault } } }`))
    .c3Policy

/** Both change the status of a request at once. */
const contest = async ({ rfqId }: Rfq, theirs: object, ours: Values) => {
  await bed.sim('records/rfqs', { rfqId, ...theirs })
  await bed.change({ updates: [{ localId: await bed.idOf('rfqs', rfqId), values: ours }] })
  await quiet(bed)
}

it('takes for granted that C3 knows what it quotes, whoever spoke last the words, and a person the money', async () => {
  const words = Object.fromEntries(
    await Promise.all(
      ['status', 'total', 'price.7', 'reserved.S1', 'note', 'dueAt', 'number'].map(async (field) => [
        field,
        (await policyOf(field)).policyOf.policy,
      ]),
    ),
  )
  expect(words).toEqual({
    ...{ status: 'C3', total: 'MANUAL', 'price.7': 'MANUAL', 'reserved.S1': 'C3' },
    ...{ note: 'LAST_WRITE', dueAt: 'LAST_WRITE', number: 'C3' },
  })
  expect((await bed.ask('{ c3Policy { version } }', {}, principal(EMPTY))).c3Policy).toBeNull()
})

it('makes a version of each change, by which it is decided from then on, and refuses whoever knows an older one', async () => {
  const change = { fields: [{ type: 'rfqs', field: 'status', policy: 'MANUAL' }], clockToleranceMs: 500 }
  const saved = await save(1, change)
  expect(saved.policy).toEqual({
    ...{ version: 2, clockToleranceMs: 500, savedBy: 'user:test' },
    fields: [{ type: 'rfqs', field: 'status', policy: 'MANUAL', isDefault: false }],
  })
  expect(await save(1, change)).toMatchObject({ __typename: 'Stale', currentVersion: 2 })
  // Saving what holds makes no version.
  expect((await save(2, change)).policy.version).toBe(2)
  const [rfq] = rfqs as [Rfq]
  await contest(rfq, { status: 'LOST' }, { status: 'LAPSED' })
  const [conflict] = await bed.conflicts()
  expect(conflict).toMatchObject({
    field: 'status',
    policy: 'MANUAL',
    c3: { text: 'LOST' },
    hub: { text: 'LAPSED' },
  })
  expect(await bed.resolve(conflict!, 'C3')).toMatchObject({ __typename: 'C3ConflictResolved' })
  await quiet(bed)
  const given = await save(2, { fields: [{ type: 'rfqs', field: 'status', policy: null }] })
  expect(given.policy).toMatchObject({ version: 3, fields: [], clockToleranceMs: 500 })
  const { c3PolicyVersions, c3Policy } = await bed.ask(
    '{ c3PolicyVersions { nodes { version } } c3Policy(version: 2) { fields { field policy } } }',
  )
  expect(c3PolicyVersions.nodes).toEqual([{ version: 3 }, { version: 2 }])
  expect(c3Policy.fields).toEqual([{ field: 'status', policy: 'MANUAL' }])
  const audits = await bed.audited('saveC3Policy')
  expect(audits.map((row) => row.subject_type)).toEqual(['C3Integration', 'C3Integration'])
  expect(audits[0]!.diff).toMatchObject({ 'rfqs/status': [null, 'MANUAL'], clockToleranceMs: [2000, 500] })
})

it('decides nothing about what C3 alone says, and lets nobody save who may only look', async () => {
  const { version } = await policyOf('note')
  for (const field of ['total', 'number', 'price.1'])
    expect((await save(version, { fields: [{ type: 'rfqs', field, policy: 'HUB' }] })).message).toContain(
      'status, buyer, note, dueAt, price.*, reserved.*',
    )
  expect(await save(version, { clockToleranceMs: -1 })).toMatchObject({ __typename: 'Invalid' })
  const variables = { id: bed.integrationId, version, changes: {} }
  const refused = await bed.answered(SAVE, variables, principal(DEMO, 'sync:read'))
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  expect((await bed.ask(SAVE, variables, principal(EMPTY))).saveC3Policy.__typename).toBe('Missing')
})

it('makes the decisions of the past again under a changed policy, and tells which would be others', async () => {
  const [, one, two] = rfqs as [Rfq, Rfq, Rfq]
  await contest(one, { status: 'LOST' }, { status: 'LAPSED' })
  const [first, ...others] = two.lines
  await contest(two, { lines: [{ ...first, unitPrice: '2.0000' }, ...others] }, { 'price.1': '1' })
  const changes = {
    fields: [
      { type: 'rfqs', field: 'status', policy: 'HUB' },
      { type: 'rfqs', field: 'price.*', policy: 'C3' },
    ],
  }
  const before = (await policyOf('status')).version
  const tried = await simulate(changes)
  expect(tried.differences).toEqual(
    expect.arrayContaining([
      { type: 'rfqs', field: 'status', was: 'C3', wouldBe: 'HUB', count: 1 },
      { type: 'rfqs', field: 'status', was: 'OPEN', wouldBe: 'HUB', count: 1 },
      { type: 'rfqs', field: 'price.1', was: 'OPEN', wouldBe: 'C3', count: 1 },
    ]),
  )
  expect(tried).toMatchObject({ looked: 3, differing: 3 })
  expect(tried.examples.nodes).toContainEqual({
    ...{ was: 'OPEN', wouldBe: 'C3' },
    conflict: { recordId: two.rfqId, c3: { text: '2.0000' }, hub: { text: '1.0000' } },
  })
  // Nothing was changed.
  expect((await policyOf('status')).version).toBe(before)
  expect(await bed.conflicts()).toHaveLength(1)
  expect(await simulate({})).toMatchObject({ looked: 3, differing: 1 })
})

it('goes out as a file and comes back the same, in the place of everything that was decided, or not at all', async () => {
  const EXPORT = 'query ($id: ID!) { exportC3Policy(integrationId: $id) { fileName document } }'
  const IMPORT = `mutation ($id: ID!, $document: String!, $dryRun: Boolean! = false) {
    importC3Policy(integrationId: $id, document: $document, dryRun: $dryRun) { __typename
      ... on C3PolicyImported { dryRun changed policy { version clockToleranceMs fields { field policy } } receipt { position } } ... on Refusal { message } } }`
  const id = bed.integrationId
  const exported = async () => (await bed.ask(EXPORT, { id })).exportC3Policy
  const imported = async (document: string, dryRun = false) =>
    (await bed.ask(IMPORT, { id, document, dryRun })).importC3Policy
  const before = (await policyOf('note')).version
  const { policy } = await save(before, {
    fields: [{ type: 'rfqs', field: 'note', policy: 'HUB' }],
    clockToleranceMs: 700,
  })
  const { document, fileName } = await exported()
  expect(fileName).toMatch(/^policy-c3-.+\.json$/)
  expect(JSON.parse(document)).toEqual({
    ...{ format: 'tributary-c3-policy/1', fields: { rfqs: { note: 'HUB' } }, clockToleranceMs: 700 },
  })
  expect(await imported(document)).toMatchObject({ changed: 0, policy: { version: policy.version } })
  const other = JSON.stringify({
    ...JSON.parse(document),
    fields: { rfqs: { dueAt: 'C3' } },
    clockToleranceMs: 800,
  })
  const tried = await imported(other, true)
  expect(tried).toMatchObject({
    dryRun: true,
    changed: 3,
    policy: { version: policy.version },
    receipt: null,
  })
  expect(await imported(other)).toMatchObject({
    ...{ changed: 3, receipt: { position: expect.any(String) } },
    policy: {
      version: policy.version + 1,
      clockToleranceMs: 800,
      fields: [{ field: 'dueAt', policy: 'C3' }],
    },
  })
  expect((await policyOf('note')).policyOf).toEqual({ policy: 'LAST_WRITE', isDefault: true })
  const audits = await bed.audited('importC3Policy')
  expect(audits).toMatchObject([{ subject_type: 'C3Integration', diff: { 'rfqs/note': ['HUB', null] } }])
  const wrong = async (text: string) => (await imported(text)).message
  const file = JSON.parse(document)
  expect(await wrong('nothing')).toContain('no JSON')
  expect(await wrong('{"format":"tributary-policy/1"}')).toContain('tributary-c3-policy/1, at format')
  expect(await wrong(JSON.stringify({ ...file, fields: { rfqs: { number: 'HUB' } } }))).toContain('price.*')
  expect(await wrong(JSON.stringify({ ...file, fields: { rfqs: { note: 'ME' } } }))).toContain(
    'fields.rfqs.note',
  )
  expect(await wrong(JSON.stringify({ ...file, clockToleranceMs: -1 }))).toContain('tolerance')
  expect((await policyOf('note')).version).toBe(policy.version + 1)
  expect((await bed.ask(EXPORT, { id }, principal(EMPTY))).exportC3Policy).toBeNull()
  expect((await bed.ask(IMPORT, { id, document }, principal(EMPTY))).importC3Policy.__typename).toBe(
    'Missing',
  )
  const refused = await bed.answered(IMPORT, { id, document }, principal(DEMO, 'sync:read'))
  expect(refused.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
  expect(await imported(document)).toMatchObject({ policy: { version: policy.version + 2 } })
  expect((await exported()).document).toBe(document)
})
