import { expect, it } from 'vitest'
import { ORG, OTHER_ORG, worker, writer } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { rowsOf } from '../customers/rows.ts'
import { companiesWith, done, type PlansBed, planned, plansBed, shown, UNDO, undone } from './bed.ts'

/** What the portal says of its companies, but for the times at which it was touched. */
const there = async (bed: PlansBed) =>
  new Map(
    (await bed.records('companies'))
      .filter(({ archived }) => !archived)
      .map(
        ({
          id,
          properties: { hs_lastmodifieddate: _, lastmodifieddate: __, hub_external_key: ___, ...rest },
        }) => [id, rest],
      ),
  )
it('holds the first writes of a connection until their plan is approved, writes exactly that, and brings all of it back when it is undone', async () => {
  await using bed = await plansBed({ companies: 12, firstPush: true })
  await using _worker = worker(bed)
  await bed.sync('FULL')
  await using _writer = writer(bed)
  const before = await there(bed)
  const rows = [...(await rowsOf(bed, 'companies')).values()]
  const ours = rows
    .slice(0, 6)
    .map(({ id }) => ({ localId: id, values: { city: 'Ours', industry: 'AIRLINES' } }))
  await bed.change('companies', { updates: ours })
  // The writer looks and leaves them alone.
  await bed.sync('INCREMENTAL')
  expect(await bed.outgoing()).toHaveLength(6)
  expect(await there(bed)).toEqual(before)

  const plan = await planned(bed, { types: ['companies'] })
  expect(plan.counts).toEqual([{ direction: 'OUT', type: 'companies', action: 'UPDATE', records: 6 }])
  expect(plan.items.nodes[0]?.fields.find(({ field }) => field === 'city')).toMatchObject({ to: 'Ours' })
  const { id: runId } = await done(bed, plan)
  expect(await bed.outgoing()).toEqual([])
  const after = await there(bed)
  expect([...after.values()].filter(({ city }) => city === 'Ours')).toHaveLength(6)
  expect(
    [...after].filter(([id, said]) => JSON.stringify(said) !== JSON.stringify(before.get(id))),
  ).toHaveLength(6)
  // From now on it writes by itself.
  const seventh = rows[6]?.id ?? ''
  await bed.change('companies', { updates: [{ localId: seventh, values: { city: 'Seventh' } }] })
  await until(async () => (await bed.outgoing()).length === 0)

  expect((await bed.ask(UNDO, { id: runId }, principal(OTHER_ORG))).undoRun.__typename).toBe('Missing')
  // Somebody has changed one of them since: that one field is left.
  const kept = ours[0]?.localId ?? ''
  await bed.change('companies', { updates: [{ localId: kept, values: { city: 'Since' } }] })
  await until(async () => (await bed.outgoing()).length === 0)
  const undo = await undone(bed, runId)
  // Asked again, it is the same plan.
  expect((await bed.ask(UNDO, { id: runId })).undoRun.plan.id).toBe(undo.id)
  expect(undo).toMatchObject({
    state: 'READY',
    undoes: runId,
    counts: [{ direction: 'OUT', type: 'companies', action: 'UPDATE', records: 6 }],
  })
  expect(undo.items.nodes.filter(({ reason }) => reason !== null)).toHaveLength(1)
  await done(bed, undo)
  const restored = await there(bed)
  const keptThere = rows.find(({ id }) => id === kept)?.external_id ?? ''
  for (const [id, said] of before)
    if (id === keptThere) expect(restored.get(id)).toEqual({ ...said, city: 'Since' })
    else if (id !== rows[6]?.external_id) expect(restored.get(id)).toEqual(said)
  expect(await companiesWith(bed, 'city', 'Ours')).toBe(0)
  // Nothing is left to undo.
  const again = await undone(bed, runId)
  expect(again.counts).toEqual([])
})

it('brings back what a run brought over, here and there, and names what cannot come back with its reason', async () => {
  await using bed = await plansBed({ companies: 20 })
  await using _worker = worker(bed)
  const first = await bed.sync('FULL')
  await using _writer = writer(bed)
  const before = await there(bed)
  const ids = [...before.keys()]
  await bed.sim('records/companies', {
    list: ids.slice(0, 4).map((id) => ({ id, properties: { city: 'Mistake', industry: null } })),
  })
  for (const id of ids.slice(4, 6)) await bed.sim('records/companies', { id, archive: true })
  const run = await bed.sync('RECONCILE')
  expect(await companiesWith(bed, 'city', 'Mistake')).toBe(4)
  const undo = await undone(bed, run.id)
  const byState = Map.groupBy(undo.items.nodes, ({ state }) => state)
  expect(byState.get('PENDING')?.filter(({ type }) => type === 'companies')).toHaveLength(4)
  expect(
    byState
      .get('IMPOSSIBLE')
      ?.filter(({ type }) => type === 'companies')
      .map(({ recordId, reason }) => [recordId, reason]),
  ).toEqual(
    ids
      .slice(4, 6)
      .sort()
      .map((id) => [id, 'The other system no longer has the record.']),
  )
  await done(bed, undo)
  await until(async () => (await bed.outgoing()).length === 0)
  const restored = await there(bed)
  for (const id of ids.slice(0, 4)) expect(restored.get(id)).toEqual(before.get(id))
  expect(await companiesWith(bed, 'city', 'Mistake')).toBe(0)
  expect((await shown(bed, undo.id)).state).toBe('DONE')
  // What a first import made stays: HubSpot has it, and would bring it again.
  const whole = await undone(bed, first.id)
  expect(new Set(whole.items.nodes.map(({ state }) => state))).toEqual(new Set(['IMPOSSIBLE']))
  expect((await bed.ask(UNDO, { id: ORG })).undoRun.__typename).toBe('Missing')
})
