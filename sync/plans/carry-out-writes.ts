import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import { sleep } from '#kernel/clock.ts'
import { holdRun, writeCheckpoint } from '../checkpoint.ts'
import { PlanMoved, PlanStands } from '../errors.ts'
import type { ExecuteOptions, Opened } from '../execute.ts'
import { type Lane, OUTGOING, releaseLane, seizeLane } from '../lanes.ts'
import { isPlaceholder, linksOfLocals } from '../links.ts'
import { changeLocally } from '../local-change.ts'
import { notedOut } from '../outgoing.ts'
import type { Work } from '../page.ts'
import { pendingOf } from '../pending.ts'
import { pushBatch } from '../push.ts'
import { noCounts } from '../run.ts'
import { compareStep, type Step } from '../step.ts'
import { same } from '../values.ts'
import { doneWith, fingerprintOf, itemsOf, itemsOut } from './items.ts'
import {
  type ItemOutcome,
  type KeptItem,
  type KeptPlan,
  noteMoved,
  noteOutcomes,
  pendingItems,
} from './kept.ts'
import { movedTo, type Verified } from './verify.ts'

const BATCH = 100
/** A batch is written in seconds; a source that makes us wait may take minutes. */
const LEASE_MS = 10 * 60_000
const LOOK_EVERY_MS = 200

/** What a plan of writes is done with. */
export interface Writing {
  work: Work
  opened: Opened
  options: ExecuteOptions
  plan: KeptPlan
}

/** Looks whether what a plan would write at the source is still what there is to write. */
export const checkWrites = (writing: Writing, type: string): Promise<void> =>
  eachPage(writing, type, async (items) => {
    const { work, plan } = writing
    const step = await readAgain(writing, type, items)
    await work.database.transaction(work.run.orgId, async (tx) => {
      await holdRun(tx, work.run)
      const { moved } = await verifyWrites(tx, writing, type, items, step)
      await noteOutcomes(tx, plan.id, { type, direction: 'OUT' }, moved)
    })
  })

/** Writes what a plan says at the source, and nothing else. A plan that undoes changes the hub's records first. */
export const carryOutWrites = (writing: Writing, type: string): Promise<void> =>
  eachPage(writing, type, async (items) => {
    const { work, opened, plan } = writing
    const { database, run, clock } = work
    const kind = { type, direction: 'OUT' as const }
    const step = await readAgain(writing, type, items)
    const verified = await database.transaction(run.orgId, async (tx) => {
      await holdRun(tx, run)
      const verified = await verifyWrites(tx, writing, type, items, step)
      if (verified.moved.length > 0) {
        await noteOutcomes(tx, plan.id, kind, verified.moved)
        await noteMoved(tx, plan.id, clock.now())
      } else if (plan.kind === 'UNDO') await changeBack(tx, work, type, verified.left)
      return verified
    })
    if (verified.moved.length > 0) throw PlanMoved.with()
    const ids = verified.left.flatMap(({ localId }) => localId ?? [])
    if (opened.sink && mayWrite(opened, type)) await push(writing, type, ids)
    await database.transaction(run.orgId, async (tx) => {
      await holdRun(tx, run)
      const outcomes = await outcomesOf(tx, writing, items)
      await noteOutcomes(tx, plan.id, kind, outcomes)
      const of = (state: string) => outcomes.filter((each) => each.state === state).length
      const checkpoint = {
        type,
        phase: 'do' as const,
        cursor: undefined,
        complete: false,
        watermark: undefined,
      }
      const counts = { done: items.length, updated: of('DONE'), skipped: of('SKIPPED'), failed: 0 }
      await writeCheckpoint(tx, run, { ...checkpoint, total: undefined }, { ...noCounts(), ...counts })
    })
  })

const mayWrite = ({ writes }: Opened, type: string): boolean => writes?.includes(type) ?? true

const eachPage = async (
  { work: { database, run, signal }, opened, plan }: Writing,
  type: string,
  serve: (items: readonly KeptItem[]) => Promise<void>,
): Promise<void> => {
  if (plan.kind === 'READ' && !(opened.sink && mayWrite(opened, type))) throw PlanStands.with({ type })
  for (let after = ''; ; ) {
    const from = after
    const items = await database.read(run.orgId, (tx) =>
      pendingItems(tx, plan.id, { type, direction: 'OUT' }, from, BATCH),
    )
    const last = items.at(-1)
    if (!last) return
    await serve(items)
    signal.throwIfAborted()
    after = doneWith(last)
  }
}

/** Reads anew what the source has of records that are to be written there. */
const readAgain = async ({ work }: Writing, type: string, items: readonly KeptItem[]): Promise<Step> => {
  const askedAt = work.clock.now()
  const ids = items.map(({ externalId }) => externalId).filter((id) => !isPlaceholder(id))
  const read = work.source.types.find((each) => each.type === type)?.read
  const found = ids.length > 0 ? await read?.(ids) : undefined
  if (!found) return { type, records: [], askedAt }
  const { records, missing, refused = [] } = found
  return { type, records, gone: { ids: missing, reason: 'archived' }, refused, askedAt }
}

const verifyWrites = async (
  tx: object,
  { work, opened, plan }: Writing,
  type: string,
  items: readonly KeptItem[],
  step: Step,
): Promise<Verified> => {
  const { run, target, policy, clock } = work
  const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at: clock.now() }
  const place = { ...around, type }
  const taking = { target, policy, around, seenBy: undefined, marksUnchanged: false }
  const found = await compareStep(tx, taking, step)
  // Whatever there is to bring over first is news that the plan was made without.
  const news = new Map(itemsOf(found.plan, found.links, found.current).map((item) => [item.externalId, item]))
  const ids = items.flatMap(({ localId }) => localId ?? [])
  const links = await linksOfLocals(tx, place, ids)
  const current = await target.current(tx, type, ids)
  const pending = opened.sink ? await pendingOf(tx, { target, sink: opened.sink }, place, ids) : []
  const now = new Map(itemsOut(type, pending).map((item) => [item.localId, item]))
  const verified: Verified = { left: [], skipped: [], moved: [] }
  for (const item of items) {
    const { externalId, localId, fields, action } = item
    const stray = news.get(externalId)
    if (stray) verified.moved.push(movedTo(item, stray))
    else if (plan.kind === 'READ') {
      const fresh = now.get(localId)
      if (!fresh) verified.skipped.push({ externalId, state: 'SKIPPED' })
      else if (fingerprintOf(fresh) === item.fingerprint) verified.left.push(item)
      else verified.moved.push(movedTo(item, fresh))
    } else {
      const link = links.get(localId ?? '')
      const held = current.get(localId ?? '') ?? {}
      const is = (side: 'from' | 'to') =>
        Object.entries(fields).every(([field, change]) => same(held[field], change[side]))
      // Changed back already, perhaps by this very run before it was taken over.
      const fits =
        action === 'DELETE' ? link !== undefined : link?.goneReason === undefined && (is('from') || is('to'))
      if (fits) verified.left.push(item)
      else verified.moved.push(movedTo(item, undefined))
    }
  }
  return verified
}

const changeBack = async (
  tx: object,
  { run, target, clock }: Work,
  type: string,
  items: readonly KeptItem[],
): Promise<void> => {
  const at = clock.now()
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const updates = items.flatMap(({ localId, action, fields }) =>
    localId && action === 'UPDATE'
      ? [
          {
            localId,
            values: Object.fromEntries(Object.entries(fields).map(([field, { to }]) => [field, to])),
          },
        ]
      : [],
  )
  const deletes = items.flatMap(({ localId, action }) => (localId && action === 'DELETE' ? [localId] : []))
  const { events } = await changeLocally(tx, target, place, { updates, deletes }, at)
  await publish(tx, run.orgId, events, at)
}

/** Writes exactly these records, whatever else waits: in place of the worker whose turn it would be. */
const push = async (
  { work, opened, options }: Writing,
  type: string,
  ids: readonly string[],
): Promise<void> => {
  const { database, run, clock, signal } = work
  const { sink } = opened
  if (!sink || ids.length === 0) return
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const seize = () =>
    database.transaction(run.orgId, (tx) =>
      seizeLane(tx, OUTGOING, place, { now: clock.now(), leaseMs: LEASE_MS }),
    )
  let lane = await seize()
  while (!lane) {
    await sleep(LOOK_EVERY_MS, signal)
    signal.throwIfAborted()
    lane = await seize()
  }
  const own: Lane & { runId: string } = { ...lane, runId: run.id }
  try {
    const waiting = await database.read(run.orgId, (tx) => notedOut(tx, own, ids))
    if (waiting.length > 0)
      await pushBatch({ options, opened: { ...opened, sink }, lane: own }, waiting, signal)
  } finally {
    await releaseLane(database, own)
  }
}

/** What became of the records of a page, as the ledger knows it. */
const outcomesOf = async (
  tx: object,
  { work: { run }, plan }: Writing,
  items: readonly KeptItem[],
): Promise<ItemOutcome[]> => {
  const ids = items.flatMap(({ localId }) => localId ?? [])
  const { rows } = await sql<{ local_id: string; state: string }>`
    select distinct on (local_id) local_id, state from sync.writes
    where org_id = ${run.orgId}::uuid and run_id = ${run.id}::uuid and local_id = any(${ids}::uuid[])
    order by local_id, written_at desc`.execute(over(tx))
  const states = new Map(rows.map((row) => [row.local_id, row.state]))
  return items.map(({ externalId, localId }) => {
    const state = states.get(localId ?? '')
    if (state === 'REFUSED') return { externalId, state: 'IMPOSSIBLE' }
    // What was only changed back here is noted, and written once it may be.
    return { externalId, state: state === 'DONE' || plan.kind === 'UNDO' ? 'DONE' : 'SKIPPED' }
  })
}
