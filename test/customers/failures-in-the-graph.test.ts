import { expect, it } from 'vitest'
import type { Principal } from '#kernel/principal.ts'
import { ORG, OTHER_ORG, reader, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { poisoned } from './poisoned.ts'

/** A portal with a record that was given up, and the graph to look at it. */
const givenUp = async () => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await poisoned(10))
  const { url, ask } = stack.use(await graphOf(bed.test, { clock: bed.clock }))
  const refused = async (query: string, variables = {}, caller: Principal = principal(ORG)) =>
    (await askSubgraph(url, query, variables, caller)).errors?.[0]?.extensions?.code
  const letters = async (filter?: object) =>
    (
      await ask(
        'query ($filter: DeadLetterFilter) { deadLetters(filter: $filter) { totalCount nodes { id state recordId code reason guidance attempts replayedAt dismissedBecause } } }',
        filter ? { filter } : {},
      )
    ).deadLetters
  {
    await using _worker = worker(bed)
    await bed.sync('FULL')
    await using _reader = reader(bed, { tries: 2 })
    await until(async () => (await letters()).totalCount === 1)
  }
  const all = stack.move()
  return { bed, ask, refused, letters, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
const REPLAY =
  'mutation ($filter: DeadLetterFilter!) { replayDeadLetters(filter: $filter) { __typename ... on DeadLettersReplayed { count hasMore } ... on Refusal { code } } }'
const DISMISS =
  'mutation ($id: ID!, $because: String!) { dismissDeadLetter(id: $id, because: $because) { __typename ... on DeadLetterDismissed { deadLetter { state closedAt dismissedBecause } } ... on Refusal { code } } }'

it('shows what was given up with what to do, tries it again when asked, and closes it when that goes well', async () => {
  await using hub = await givenUp()
  const { bed, ask, letters } = hub
  const [letter] = (await letters()).nodes
  expect(letter).toMatchObject({
    recordId: bed.poison,
    state: 'OPEN',
    code: 'HUB_RECORD_CONFLICTS',
    attempts: 2,
    replayedAt: null,
  })
  expect(letter.guidance).toContain('correct it at the source')
  // Nobody else's, and nothing to those who may only read.
  expect(await ask(REPLAY, { filter: { ids: [letter.id] } }, principal(OTHER_ORG))).toEqual({
    replayDeadLetters: { __typename: 'DeadLettersReplayed', count: 0, hasMore: false },
  })
  expect(await hub.refused(REPLAY, { filter: {} }, principal(ORG, 'sync:read'))).toBe('FORBIDDEN')
  expect(await hub.refused('{ deadLetters { totalCount } }', {}, principal(ORG, 'customers:read'))).toBe(
    'FORBIDDEN',
  )
  expect(
    await ask(
      '{ deadLetters { totalCount nodes { id } } syncLogs { nodes { id } } }',
      {},
      principal(OTHER_ORG),
    ),
  ).toEqual({
    deadLetters: { totalCount: 0, nodes: [] },
    syncLogs: { nodes: [] },
  })
  // Still poison: it comes back, with more tries.
  const replayed = { replayDeadLetters: { __typename: 'DeadLettersReplayed', count: 1, hasMore: false } }
  await using _reader = reader(bed, { tries: 1 })
  expect(await ask(REPLAY, { filter: { type: 'companies' } })).toEqual(replayed)
  await until(async () => (await letters()).nodes[0]?.attempts === 3)
  await bed.sim('records/companies', { id: bed.poison, properties: { name: 'Well' } })
  expect(await ask(REPLAY, { filter: { ids: [letter.id] } })).toEqual(replayed)
  await until(async () => (await letters()).totalCount === 0)
  expect((await letters({ state: 'RESOLVED' })).nodes).toMatchObject([{ id: letter.id, state: 'RESOLVED' }])
  const acts = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').select(['action', 'subject_id', 'who_id']).execute(),
  )
  expect(acts).toEqual(
    Array(2).fill({ action: 'replayDeadLetters', subject_id: letter.id, who_id: 'user:test' }),
  )
})

it('sets a record aside for good: runs no longer try it, until it is well or has changed', async () => {
  await using hub = await givenUp()
  const { bed, ask, letters } = hub
  const [letter] = (await letters()).nodes
  expect(await ask(DISMISS, { id: letter.id, because: ' ' })).toMatchObject({
    dismissDeadLetter: { code: 'INVALID' },
  })
  expect(await ask(DISMISS, { id: bed.integrationId, because: 'no' })).toMatchObject({
    dismissDeadLetter: { code: 'NOT_FOUND' },
  })
  const dismissed = await ask(DISMISS, { id: letter.id, because: 'A test record of Mrs Canary' })
  expect(dismissed).toMatchObject({ dismissDeadLetter: { deadLetter: { state: 'DISMISSED' } } })
  expect(await ask(DISMISS, { id: letter.id, because: 'again' })).toMatchObject({
    dismissDeadLetter: { code: 'INVALID' },
  })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  expect(await bed.waiting()).toEqual([])
  expect(await letters()).toMatchObject({ totalCount: 0 })
  // Of the reason the audit keeps that there was one.
  const [act] = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').select(['action', 'diff']).execute(),
  )
  expect(act).toMatchObject({
    action: 'dismissDeadLetter',
    diff: { state: ['OPEN', 'DISMISSED'], dismissedBecause: [null, '[text]'] },
  })
  await bed.note('companies', [bed.poison])
  await using _reader = reader(bed, { tries: 1 })
  await until(async () => (await letters()).totalCount === 1)
  await bed.sim('records/companies', { id: bed.poison, properties: { name: 'Well' } })
  await bed.sync('FULL')
  expect((await letters({})).nodes).toMatchObject([{ state: 'RESOLVED' }, { state: 'RESOLVED' }])
})

it('lists what syncs did, newest first: by how it went, run, record and kind, page by page', async () => {
  await using hub = await givenUp()
  const { bed, ask } = hub
  const logs = async (filter: object, args = '') =>
    (
      await ask(
        `query ($filter: SyncLogFilter) { syncLogs(filter: $filter ${args}) { nodes { at operation status type recordId error guidance records created failed durationMs runId } pageInfo { hasNextPage endCursor } } }`,
        { filter },
      )
    ).syncLogs
  const failed = (await logs({ status: 'FAILED' })).nodes
  expect(failed.map((log: { operation: string }) => log.operation)).toEqual(['STORE', 'FULL', 'STORE'])
  expect(failed[0]).toMatchObject({ recordId: bed.poison, type: 'companies', failed: 1, runId: null })
  expect(failed[0].guidance).toContain('correct it at the source')
  expect(failed[0].error).toContain('breaks a rule')
  const times = failed.map((log: { at: string }) => log.at)
  expect(times).toEqual([...times].sort().reverse())
  expect(failed[1]).toMatchObject({ type: 'companies', records: 10, created: 9, failed: 1, recordId: null })
  expect(failed[1].durationMs).toBeGreaterThan(0)
  const whole = (await logs({ integrationId: bed.integrationId, single: false })).nodes
  expect(
    new Set(whole.map((log: { type: string; status: string }) => `${log.type} ${log.status}`)).size,
  ).toBe(whole.length)
  expect(whole.length).toBeGreaterThanOrEqual(4)
  expect((await logs({ integrationId: 'nobody' })).nodes).toEqual([])
  const first = await logs({}, 'first: 2')
  const second = await logs({}, `first: 2 after: "${first.pageInfo.endCursor}"`)
  expect([...first.nodes, ...second.nodes]).toEqual((await logs({}, 'first: 4')).nodes)
})
