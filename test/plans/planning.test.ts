import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { ORG, OTHER_ORG, reader, worker } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import {
  approve,
  companiesWith,
  differing,
  heldRows,
  live,
  meddling,
  type PlansBed,
  planned,
  plansBed,
  shown,
} from './bed.ts'

/** Changes that the hub does not know of yet. @returns ids of the companies that were there, and of those changed */
const work = async (bed: PlansBed) => {
  const ids = (await bed.records('companies')).map(({ id }) => id)
  const [changed, archived] = [ids.slice(0, 5), ids.slice(5, 7)]
  await bed.sim('records/companies', { list: changed.map((id) => ({ id, properties: { city: 'Planned' } })) })
  for (const id of archived) await bed.sim('records/companies', { id, archive: true })
  await bed.sim('records/companies', { list: [{ properties: { name: 'New one' } }] })
  return { ids, changed }
}

it('plans what a sync would do without doing anything, whatever pages it reads, and does exactly that once it is approved', async () => {
  await using bed = await plansBed({ companies: 30 })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const { ids, changed } = await work(bed)
  const before = await heldRows(bed)
  const types = ['companies']
  const plan = await planned(bed, { types })
  expect(differing(before, await heldRows(bed))).toEqual([])
  expect(plan).toMatchObject({
    state: 'READY',
    // Read to be sure, and once more before it is done.
    apiCalls: 2,
    counts: [
      { direction: 'IN', type: 'companies', action: 'CREATE', records: 1 },
      { direction: 'IN', type: 'companies', action: 'DELETE', records: 2 },
      { direction: 'IN', type: 'companies', action: 'UPDATE', records: 5 },
    ],
  })
  expect(
    plan.items.nodes
      .filter(({ action }) => action === 'UPDATE')
      .map(({ recordId, fields }) => [recordId, fields]),
  ).toEqual(
    [...changed]
      .sort()
      .map((id) => [id, [expect.objectContaining({ field: 'city', to: 'Planned', theirs: null })]]),
  )
  expect(plan.items.nodes.find(({ action }) => action === 'UPDATE')).toMatchObject({
    sourceModifiedAt: expect.any(String),
    hubVersion: expect.any(String),
  })
  // The same changes found by another reading, by their time and in the archive, are the same plan.
  const again = await planned(bed, { types, mode: 'INCREMENTAL' })
  expect(again.hash).toBe(plan.hash)
  // A page at a time, and only those asked for.
  const page = await shown(bed, plan.id, { first: 2, filter: { type: 'companies', action: 'UPDATE' } })
  const rest = await shown(bed, plan.id, {
    after: page.items.pageInfo.endCursor,
    filter: { type: 'companies', action: 'UPDATE' },
  })
  expect([...page.items.nodes, ...rest.items.nodes].map(({ recordId }) => recordId)).toEqual(
    [...changed].sort(),
  )

  // A record that the plan does not know changes meanwhile: it is left alone.
  const absent = ids[10] ?? ''
  await bed.sim('records/companies', { id: absent, properties: { city: 'Later' } })
  // Nobody else's; not by another hash; and of two at once both are told of the one run.
  expect(await approve(bed, plan, principal(OTHER_ORG))).toMatchObject({ __typename: 'Missing' })
  expect(
    await bed.ask(
      'query ($id: ID!) { syncPlan(id: $id) { id } syncPlans { nodes { id } } }',
      { id: plan.id },
      principal(OTHER_ORG),
    ),
  ).toEqual({ syncPlan: null, syncPlans: { nodes: [] } })
  expect(await approve(bed, { ...plan, hash: 'another' })).toMatchObject({
    __typename: 'Invalid',
    field: 'hash',
  })
  const both = await Promise.all([approve(bed, plan), approve(bed, plan)])
  const runs = new Set(both.flatMap((each) => each.run?.id ?? []))
  expect(runs.size).toBe(1)
  const [runId = ''] = runs
  expect(await bed.ended(runId)).toMatchObject({
    state: 'COMPLETED',
    purpose: 'APPLY',
    created: 1,
    updated: 5,
    deleted: 2,
  })
  const done = await shown(bed, plan.id)
  expect(done.state).toBe('DONE')
  expect(new Set(done.items.nodes.map(({ state }) => state))).toEqual(new Set(['DONE']))
  // Rows of records that the plan does not name are as they were.
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{
      id: string
      external_id: string
      city: string | null
    }>`select id, external_id, properties ->> 'city' as city from customers.companies`.execute(tx),
  )
  const named = new Set(plan.items.nodes.map(({ recordId }) => recordId))
  const others = rows.filter(({ external_id }) => !named.has(external_id)).map(({ id }) => `companies ${id}`)
  const touched = new Set(differing(before, await heldRows(bed)))
  expect(others.filter((name) => touched.has(name))).toEqual([])
  expect(rows.find(({ external_id }) => external_id === absent)?.city).not.toBe('Later')
  expect(await live(bed, 'companies')).toBe(29)
  // It was done: once more is too late. And what the plan did not know the next sync brings.
  expect(await approve(bed, plan)).toMatchObject({ __typename: 'Invalid', field: 'planId' })
  await bed.sync('RECONCILE')
  expect(await companiesWith(bed, 'city', 'Later')).toBe(1)
  expect({ ...(await checkLedger(bed)), duplicate: [] }).toEqual(CLEAN)
})

it('fault 54: refuses a plan of what has changed since with the difference, and does nothing', async () => {
  await using bed = await plansBed({ companies: 130 })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  const ids = (await bed.records('companies')).map(({ id }) => id).sort()
  const move = (list: readonly string[], city: string) =>
    bed.sim('records/companies', { list: list.map((id) => ({ id, properties: { city } })) })
  await move(ids.slice(0, 125), 'Planned')
  const types = ['companies']
  const plan = await planned(bed, { types })
  await move([ids[3] ?? ''], 'Moved')
  const before = await heldRows(bed)
  const refused = await approve(bed, plan)
  expect(refused).toMatchObject({
    __typename: 'PlanMoved',
    code: 'PLAN_MOVED',
    plan: { state: 'MOVED' },
    items: [
      {
        recordId: ids[3],
        action: 'UPDATE',
        state: 'MOVED',
        movedTo: { action: 'UPDATE', fields: [{ field: 'city', to: 'Moved' }] },
      },
    ],
  })
  expect(refused.items).toHaveLength(1)
  expect(differing(before, await heldRows(bed))).toEqual([])
  // It stays refused.
  expect(await approve(bed, plan)).toMatchObject({ __typename: 'PlanMoved' })
})

it('fault 54: stops a plan midway where something changes then, leaves what is not done and names it', async () => {
  await using bed = await plansBed({ companies: 130 })
  const ids = (await bed.records('companies')).map(({ id }) => id).sort()
  const [late = '', same = ''] = ids.slice(120)
  const move = (list: readonly string[], city: string) =>
    bed.sim('records/companies', { list: list.map((id) => ({ id, properties: { city } })) })
  let reads = Number.NEGATIVE_INFINITY
  await using _worker = meddling(bed, async () => {
    // Both pages are looked at first, then each is read again before it is done.
    if (++reads === 4) await move([late], 'Moved')
  })
  await bed.sync('FULL')
  await move(ids.slice(0, 125), 'Planned')
  const plan = await planned(bed, { types: ['companies'] })
  expect(plan.apiCalls).toBe(4)
  // What was brought over since exactly as planned is so already.
  await using _reader = reader(bed)
  await bed.note('companies', [same])
  await until(async () => (await companiesWith(bed, 'city', 'Planned')) === 1)
  reads = 0
  const approved = await approve(bed, plan)
  const run = await bed.ended(approved.run.id)
  expect(run).toMatchObject({ state: 'FAILED', updated: 100 })
  const stopped = await shown(bed, plan.id)
  expect(stopped.state).toBe('MOVED')
  const states = Map.groupBy(stopped.items.nodes, ({ state }) => state)
  expect(states.get('DONE')).toHaveLength(100)
  expect(states.get('MOVED')?.map(({ recordId, movedTo }) => [recordId, movedTo])).toEqual([
    [late, { action: 'UPDATE', fields: [{ field: 'city', to: 'Moved' }] }],
  ])
  expect(states.get('PENDING')).toHaveLength(24)
  // The hundred, and the one that came over by itself.
  expect(await companiesWith(bed, 'city', 'Planned')).toBe(101)
  expect(await companiesWith(bed, 'city', 'Moved')).toBe(0)
  expect(await approve(bed, plan)).toMatchObject({ __typename: 'PlanMoved', items: [{ recordId: late }] })
  // Such a run says nothing of how the connection is.
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{ last_error: string | null }>`select last_error from customers.integrations`.execute(tx),
  )
  expect(rows[0]?.last_error).toBeNull()

  // Too old, or while something else is under way.
  const old = await planned(bed, { types: ['companies'] })
  await bed.database.transaction(ORG, (tx) =>
    sql`update sync.plans set expires_at = made_at where id = ${old.id}::uuid`.execute(tx),
  )
  expect(await approve(bed, old)).toMatchObject({
    __typename: 'Invalid',
    message: expect.stringContaining('too old'),
  })
})
