import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Rfq } from '#connectors/c3/index.ts'
import { forgetOldHistory } from '#subgraphs/inventory/jobs/forget-history.ts'
import { worker, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type AskedC3, askedC3, openRequests } from './bed.ts'

let bed: AskedC3
let rfqs: Rfq[]
beforeAll(async () => {
  bed = await askedC3({ firstPush: true }, [worker, writer])
  rfqs = await openRequests(bed, 6)
  await bed.sync('INCREMENTAL')
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const notes = async (...of: Rfq[]) =>
  Promise.all(
    of.map(async ({ rfqId }) => [(await bed.here(rfqId)).note, (await bed.there('rfqs', rfqId)).note]),
  )
const changeHere = async ({ rfqId }: Rfq, note: string) => {
  const localId = await bed.idOf('rfqs', rfqId)
  await bed.change({ updates: [{ localId, values: { note } }] })
}
const changeThere = ({ rfqId }: Rfq, note: string) => bed.sim('records/rfqs', { rfqId, note })
const written = async () =>
  (await bed.journal()).entries.filter(({ method }) => method === 'PUT').map(({ path }) => path)

it('plans both ways what a sync with C3 would do, does nothing before it is approved, and then exactly that', async () => {
  const [inward, outward] = rfqs as [Rfq, Rfq]
  await changeThere(inward, 'Theirs')
  await changeHere(outward, 'Ours')
  // The first writes of a connection wait for a plan of them.
  const plan = await bed.planned()
  expect(plan.state).toBe('READY')
  expect(plan.counts).toEqual([
    { direction: 'IN', type: 'rfqs', action: 'UPDATE', records: 1 },
    { direction: 'OUT', type: 'rfqs', action: 'UPDATE', records: 1 },
  ])
  const items = plan.items.nodes.map(({ direction, recordId, fields }) => ({
    ...{ direction, recordId },
    fields: fields.map(({ field, from, to }) => ({ field, from, to })),
  }))
  expect(items).toEqual(
    expect.arrayContaining([
      { direction: 'IN', recordId: inward.rfqId, fields: [{ field: 'note', from: null, to: 'Theirs' }] },
      { direction: 'OUT', recordId: outward.rfqId, fields: [{ field: 'note', from: null, to: 'Ours' }] },
    ]),
  )
  expect(await notes(inward, outward)).toEqual([
    [null, 'Theirs'],
    ['Ours', null],
  ])
  expect(await written()).toEqual([])
  expect(
    (await bed.ask('query ($id: ID!) { c3SyncPlan(id: $id) { id } }', plan, principal(EMPTY))).c3SyncPlan,
  ).toBeNull()
  const other = await bed.approve({ ...plan, hash: 'another' })
  expect(other).toMatchObject({ __typename: 'Invalid' })
  const { run } = await bed.approve(plan)
  expect(await bed.ended(run.id)).toMatchObject({ state: 'COMPLETED', purpose: 'APPLY', updated: 2 })
  expect(await notes(inward, outward)).toEqual([
    ['Theirs', 'Theirs'],
    ['Ours', 'Ours'],
  ])
  expect(await written()).toHaveLength(1)
  expect((await bed.plan(plan.id)).items.nodes.map(({ state }) => state)).toEqual(['DONE', 'DONE'])
  const made = await bed.audited('planC3Sync')
  const approved = await bed.audited('approveC3Plan')
  expect([...made, ...approved].map((row) => row.subject_type)).toEqual(['SyncPlan', 'SyncPlan'])

  // What was written is undone by a plan too; what has changed since is left as it is.
  const undoing = await bed.undo(run.id)
  expect(undoing.__typename).toBe('PlanStarted')
  const undo = await bed.plan(undoing.plan.id)
  expect(undo).toMatchObject({ state: 'READY', undoes: run.id })
  const [out] = undo.items.nodes.filter(({ recordId }) => recordId === outward.rfqId)
  expect(out).toMatchObject({ direction: 'OUT', action: 'UPDATE', fields: [{ field: 'note', to: null }] })
  // What was brought over goes back to what it was, there too.
  const [back] = undo.items.nodes.filter(({ recordId }) => recordId === inward.rfqId)
  expect(back).toMatchObject({ direction: 'OUT', fields: [{ field: 'note', from: 'Theirs', to: null }] })
  const undone = await bed.approve(undo)
  expect(await bed.ended(undone.run.id)).toMatchObject({ state: 'COMPLETED' })
  await quiet(bed)
  expect(await notes(inward, outward)).toEqual([
    [null, null],
    [null, null],
  ])
})

it('fault 54 (c3): refuses a plan of what has changed at C3 since with the difference, and does nothing', async () => {
  const [still, moving] = rfqs.slice(2) as [Rfq, Rfq]
  for (const rfq of [still, moving]) await changeThere(rfq, 'Planned')
  const plan = await bed.planned({ types: ['rfqs'] })
  await changeThere(moving, 'Later')
  const before = await written()
  const refused = await until(async () => {
    const answer = await bed.approve(plan)
    return answer.__typename === 'PlanMoved' && answer
  })
  expect(refused).toMatchObject({ code: 'PLAN_MOVED' })
  const moved = { action: 'UPDATE', fields: [{ field: 'note', to: 'Later' }] }
  expect(refused.items).toMatchObject([{ recordId: moving.rfqId, state: 'MOVED', movedTo: moved }])
  expect(await written()).toEqual(before)
  expect(await notes(still, moving)).toEqual([
    [null, 'Planned'],
    [null, 'Later'],
  ])
  await bed.sync('INCREMENTAL')
  expect(await notes(still, moving)).toEqual([
    ['Planned', 'Planned'],
    ['Later', 'Later'],
  ])
})

it('holds a sync that would delete too much of C3’s until somebody who has looked at why stops it, or lets it go on', async () => {
  const change =
    'mutation ($id: ID!) { changeC3Connection(integrationId: $id, input: { deletePercent: 0 }, expectedVersion: 1) { __typename } }'
  await bed.ask(change, { id: bed.integrationId })
  const rows = (await bed.records('inventory')).slice(0, 21)
  for (const { stockId } of rows) await bed.sim('records/inventory', { stockId, deleted: true })
  const left = async () => {
    const [row] = await bed.select<{ n: number }>(
      sql`select count(*)::integer as n from inventory.inventory where deleted_at is null`,
    )
    return row!.n
  }
  const before = await left()
  const held = async () => {
    const { startC3Sync } = await bed.ask('mutation { startC3Sync { ... on SyncStarted { run { id } } } }')
    return await until(async () => {
      const run = await bed.progress(startC3Sync.run.id)
      return run?.state === 'HELD' && run
    })
  }
  const stopped = await held()
  expect(stopped.hold!.reasons).toMatchObject([
    { type: 'inventory', action: 'DELETE', records: 21, percent: 0 },
  ])
  expect((await bed.ask('mutation { planC3Sync { ... on Refusal { code } } }')).planC3Sync.code).toBe('BUSY')
  await bed.ask(`mutation { cancelC3Sync(runId: "${stopped.id}") { __typename } }`)
  expect(await bed.ended(stopped.id)).toMatchObject({ state: 'CANCELLED' })
  expect(await left()).toBe(before)

  const { id, hold } = await held()
  const letOn = async (holdId: string) =>
    (
      await bed.ask(
        'mutation ($id: ID!, $hold: ID!) { approveC3Run(runId: $id, holdId: $hold) { __typename ... on Refusal { message } } }',
        { id, hold: holdId },
      )
    ).approveC3Run
  expect((await letOn(stopped.hold!.id)).message).toContain('for another reason by now')
  expect((await letOn(hold!.id)).__typename).toBe('RunApproved')
  expect(await bed.ended(id)).toMatchObject({ state: 'COMPLETED', deleted: 21 })
  expect(await left()).toBe(before - 21)
  expect(await bed.audited('approveC3Run')).toHaveLength(1)
  expect(await bed.audited('cancelC3Sync')).toHaveLength(1)
})

it('refuses kinds of record that C3 does not have, runs that are not there, and whoever may only look', async () => {
  const wrong = await bed.ask(
    'mutation { planC3Sync(types: ["deals"]) { ... on Invalid { field message } } }',
  )
  expect(wrong.planC3Sync).toEqual({
    field: 'types',
    message: 'Kinds of record are customers, suppliers, rfqs, inventory, transactions.',
  })
  for (const verb of ['undoC3Run', 'cancelC3Sync']) {
    const { data } = await bed.answered(`mutation { ${verb}(runId: "${DEMO}") { __typename } }`)
    expect(data[verb].__typename).toBe('Missing')
  }
  const [run] = await bed.select<{ id: string }>(
    sql`select id from sync.runs where state = 'COMPLETED' limit 1`,
  )
  const over = `mutation { cancelC3Sync(runId: "${run!.id}") { ... on Invalid { message } } }`
  expect((await bed.ask(over)).cancelC3Sync.message).toBe('This run is over already.')
  const reader = principal(DEMO, 'sync:read')
  const { errors } = await bed.answered('mutation { planC3Sync { __typename } }', {}, reader)
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
})

it('forgets what requests said before once no run of then can be undone any more', async () => {
  const [rfq] = rfqs as [Rfq]
  const kept = async () => {
    const [row] = await bed.select<{
      n: number
    }>(sql`select count(*)::integer as n from inventory.rfq_versions
      where rfq_id = ${await bed.idOf('rfqs', rfq.rfqId)}::uuid`)
    return row!.n
  }
  const before = await kept()
  expect(before).toBeGreaterThan(0)
  const forget = (days: number) =>
    forgetOldHistory.run(
      { orgId: DEMO, connectionId: bed.integrationId },
      {
        database: bed.database as never,
        clock: { now: () => new Date(bed.clock.now().getTime() + days * 86_400_000) },
      },
      { id: 'forget', number: 1, signal: new AbortController().signal },
    )
  await forget(29)
  expect(await kept()).toBe(before)
  await forget(31)
  expect(await kept()).toBe(0)
})
