import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import { sleep } from '#kernel/clock.ts'
import { holdRun, writeCheckpoint } from '../checkpoint.ts'
import { PlanMoved, PlanStands } from '../errors.ts'
import type { ExecuteOptions, Opened } from '../execute.ts'
import { type Lane, OUTGOING, releaseLane, renewLane, seizeLane } from '../lanes.ts'
import { keepLease } from '../leased-work.ts'
import { isPlaceholder, type Link, linksOfLocals } from '../links.ts'
import { changeLocally } from '../local-change.ts'
import { notedOut } from '../outgoing.ts'
import type { Work } from '../page.ts'
import type { Pending } from '../pending.ts'
import { progressOf } from '../progress.ts'
import { pushBatch } from '../push.ts'
import { noCounts } from '../run.ts'
import { applyStep, type Step } from '../step.ts'
import { answerWrites } from '../writes.ts'
import { PLAN_BATCH } from './calls.ts'
import { doneWith, isRemade, itemsOut, written } from './items.ts'
import {
  type ItemOutcome,
  type KeptItem,
  type KeptPlan,
  noteMoved,
  noteOutcomes,
  pendingItems,
} from './kept.ts'
import { movedTo } from './verify.ts'
import { coverings, verifyWrites } from './verify-writes.ts'

/** How long a silent worker keeps what it writes from others. */
const LEASE_MS = 10_000
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
      const { moved } = await verifyWrites(tx, writing, items, step)
      await noteOutcomes(tx, plan.id, { type, direction: 'OUT' }, moved)
    })
  })

/** Writes what a plan says at the source, and nothing else. A plan that undoes changes the hub's records first. */
export const carryOutWrites = (writing: Writing, type: string): Promise<void> =>
  eachPage(writing, type, async (items) => {
    const lane = mayWrite(writing.opened, type) ? await seize(writing, type) : undefined
    if (!lane) return await carryOutPage(writing, type, items)
    const { database, clock, log } = writing.work
    const { leaseMs = LEASE_MS } = writing.options
    const renewing = { clock, log, leaseMs, what: 'writes', idsOf: idsOfLane }
    await using _ = keepLease({ ...renewing, renew: (each, until) => renewLane(database, each, until) }, lane)
    try {
      await carryOutPage(writing, type, items, lane)
    } finally {
      await releaseLane(database, lane)
    }
  })

/** @param lane in place of the worker whose turn it would be; without one nothing is written at the source now */
const carryOutPage = async (
  writing: Writing,
  type: string,
  items: readonly KeptItem[],
  lane?: Lane,
): Promise<void> => {
  const { work, plan } = writing
  const { database, run, clock } = work
  const kind = { type, direction: 'OUT' as const }
  const step = await readAgain(writing, type, items)
  const verified = await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run, type)
    const verified = await verifyWrites(tx, writing, items, step)
    if (verified.moved.length > 0) {
      await noteOutcomes(tx, plan.id, kind, verified.moved)
      await noteMoved(tx, plan.id, clock.now())
    } else if (plan.kind === 'UNDO') await changeBack(tx, work, step, verified.left)
    return verified
  })
  if (verified.moved.length > 0) throw PlanMoved.with()
  const moved = lane ? await push(writing, { ...lane, runId: run.id }, items, step) : []
  const calls = work.source.calls()
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    const strays = new Set(moved.map(({ externalId }) => externalId))
    const rest = items.filter(({ externalId }) => !strays.has(externalId))
    const outcomes = [...(await outcomesOf(tx, writing, type, rest)), ...moved]
    if (moved.length > 0) await noteMoved(tx, plan.id, clock.now())
    await noteOutcomes(tx, plan.id, kind, outcomes)
    const actions = new Map(items.map(({ externalId, action }) => [externalId, action]))
    const of = (state: string, ...some: string[]) =>
      outcomes.filter(
        (each) =>
          each.state === state && (some.length === 0 || some.includes(actions.get(each.externalId) ?? '')),
      ).length
    const checkpoint = {
      type,
      phase: 'do' as const,
      cursor: undefined,
      complete: false,
      watermark: undefined,
    }
    const counts = {
      ...{ done: rest.length, created: of('DONE', 'CREATE'), updated: of('DONE', 'UPDATE', 'CONFLICT') },
      ...{ deleted: of('DONE', 'DELETE'), skipped: of('SKIPPED'), failed: of('IMPOSSIBLE') },
      apiCalls: calls - work.calls.counted,
    }
    await writeCheckpoint(tx, run, { ...checkpoint, total: undefined }, { ...noCounts(), ...counts })
    const progress = await progressOf(tx, run.id, clock)
    await publish(tx, run.orgId, progress ? work.target.progressed(progress) : [], clock.now())
  })
  work.calls.counted = calls
  if (moved.length > 0) throw PlanMoved.with()
}

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
      pendingItems(tx, plan.id, { type, direction: 'OUT' }, from, PLAN_BATCH),
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
  const { database, run } = work
  const askedAt = work.clock.now()
  // What is to be made there again still goes by the id that it had, until that is brought over.
  const again = items.flatMap((item) => (isRemade(item) ? (item.localId ?? []) : []))
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const former =
    again.length > 0
      ? await database.read(run.orgId, (tx) => linksOfLocals(tx, place, again))
      : new Map<string, Link>()
  const named = [...items, ...former.values()].map(({ externalId }) => externalId)
  const ids = named.filter((id) => !isPlaceholder(id))
  const read = work.source.types.find((each) => each.type === type)?.read
  const found = ids.length > 0 ? await read?.(ids) : undefined
  if (!found) return { type, records: [], askedAt }
  const { records, missing, refused = [] } = found
  return { type, records, gone: { ids: missing, reason: 'archived' }, refused, askedAt }
}

/** Gives records of ours their former values, over what the source says of them by now. */
const changeBack = async (
  tx: object,
  { run, target, policy, clock }: Work,
  step: Step,
  items: readonly KeptItem[],
): Promise<void> => {
  const at = clock.now()
  const { type } = step
  const around = { orgId: run.orgId, connectionId: run.connectionId, runId: undefined, at }
  const taking = { target, policy, around, seenBy: undefined, marksUnchanged: false }
  const brought = await applyStep(tx, taking, step)
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const updates = items.flatMap(({ localId, action, fields }) =>
    localId && (action === 'UPDATE' || action === 'CONFLICT')
      ? [
          {
            localId,
            values: Object.fromEntries(Object.entries(written(fields)).map(([field, { to }]) => [field, to])),
          },
        ]
      : [],
  )
  const deletes = items.flatMap(({ localId, action }) => (localId && action === 'DELETE' ? [localId] : []))
  const { events } = await changeLocally(tx, target, place, { updates, deletes }, at)
  await publish(tx, run.orgId, [...brought.events, ...events], at)
}

/** Takes the place of the worker whose turn it would be: whatever else waits of the type waits on. */
const seize = async ({ work, options }: Writing, type: string): Promise<Lane> => {
  const { database, run, clock, signal } = work
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const { leaseMs = LEASE_MS } = options
  for (;;) {
    const lane = await database.transaction(run.orgId, (tx) =>
      seizeLane(tx, OUTGOING, place, { now: clock.now(), leaseMs }),
    )
    if (lane) return lane
    await sleep(LOOK_EVERY_MS, signal)
    signal.throwIfAborted()
  }
}

const idsOfLane = ({ connectionId, type }: Lane) => ({ connectionId, type })

/**
 * Writes what items say, and nothing else. Also of those of which nothing is left to write it is settled what both sides agree on.
 * @param told what the source has just said of them
 * @returns those that somebody has changed here at this moment: they are not written
 */
const push = async (
  { work, opened, options }: Writing,
  lane: Lane & { runId: string },
  items: readonly KeptItem[],
  told: Step,
): Promise<ItemOutcome[]> => {
  const { database, signal } = work
  const { sink } = opened
  const ids = items.flatMap(({ localId }) => localId ?? [])
  if (!sink) return []
  const { waiting, coversOf } = await database.read(lane.orgId, async (tx) => ({
    waiting: await notedOut(tx, lane, ids),
    coversOf: await coverings(tx, lane, items),
  }))
  if (waiting.length === 0) return []
  const moved: ItemOutcome[] = []
  const approval = {
    told,
    covers: (pending: Pending) => {
      const item = items.find(({ localId }) => localId === pending.localId)
      const isCovered = item !== undefined && coversOf(item, pending)
      if (item && !isCovered) moved.push(movedTo(item, itemsOut(lane.type, [pending])[0]))
      return isCovered
    },
  }
  await pushBatch({ options, opened: { ...opened, sink }, lane }, waiting, signal, approval)
  return moved
}

/** What became of the records of a page, as the ledger knows it. */
const outcomesOf = async (
  tx: object,
  { work: { run, clock }, plan }: Writing,
  type: string,
  items: readonly KeptItem[],
): Promise<ItemOutcome[]> => {
  const ids = items.flatMap(({ localId }) => localId ?? [])
  const { rows } = await sql<{ id: string; local_id: string; state: string; reason: string | null }>`
    select distinct on (w.local_id) w.id, w.local_id, w.state, coalesce(d.reason, w.error_code) as reason
    from sync.writes w left join sync.dead_letters d on d.connection_id = w.connection_id and d.type = w.type
      and d.external_id = w.external_id and d.direction = 'OUT' and d.state = 'OPEN'
    where w.org_id = ${run.orgId}::uuid and w.run_id = ${run.id}::uuid and w.type = ${type} and w.local_id = any(${ids}::uuid[])
    order by w.local_id, w.written_at desc, w.id desc`.execute(over(tx))
  // Nothing of them was left to write: what was sent when nobody could hear the answer is there.
  const unanswered = rows.filter(({ state }) => state === 'INTENDED' || state === 'UNKNOWN')
  await answerWrites(
    tx,
    run.orgId,
    unanswered.map(({ id }) => ({ id, state: 'DONE' })),
    clock.now(),
  )
  const writes = new Map(rows.map((row) => [row.local_id, row]))
  return items.map(({ externalId, localId }) => {
    const write = writes.get(localId ?? '')
    if (write?.state === 'REFUSED') return { externalId, state: 'IMPOSSIBLE', reason: write.reason }
    // What was only changed back here is written once it may be.
    return { externalId, state: write || plan.kind === 'UNDO' ? 'DONE' : 'SKIPPED' }
  })
}
