import { publish } from '#events/outbox.ts'
import { applyPlan } from '../apply.ts'
import { holdRun, writeCheckpoint } from '../checkpoint.ts'
import { PlanMoved, PlanStands } from '../errors.ts'
import type { Work } from '../page.ts'
import type { Plan } from '../plan.ts'
import { progressOf } from '../progress.ts'
import { noCounts } from '../run.ts'
import type { SourceRecord, SourceType } from '../source.ts'
import { type Compared, compareStep, type Failure, type Step, type Taking } from '../step.ts'
import { PLAN_BATCH } from './calls.ts'
import { carryOutWrites, checkWrites, type Writing } from './carry-out-writes.ts'
import { typesInOrder } from './foresee.ts'
import { doneWith } from './items.ts'
import {
  hasMoved,
  type KeptItem,
  type KeptPlan,
  noteChecked,
  noteMoved,
  noteOutcomes,
  pendingItems,
} from './kept.ts'
import { approvePush } from './may-push.ts'
import { verifyItems } from './verify.ts'

/**
 * Does what a plan says, and nothing else. First everything is read again: when anything has moved since, nothing is done. Then page by
 * page: read once more, compared, and done only when it is still the same; where it is not, what is left is left as it is.
 * Whoever takes the run over goes on with what is not done yet.
 * @throws HUB_PLAN_MOVED, HUB_PLAN_STANDS; what the source throws; HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const carryOut = async (writing: Writing): Promise<void> => {
  const { work, plan } = writing
  const typesOf = (direction: 'IN' | 'OUT') =>
    typesInOrder(work, [
      ...new Set(plan.counts.filter((count) => count.direction === direction).map(({ type }) => type)),
    ])
  // What goes again is named by what comes behind it: that goes first.
  const outs = plan.kind === 'UNDO' ? typesOf('OUT').reverse() : typesOf('OUT')
  const ins = typesOf('IN')
  if (plan.checkedAt === null) {
    for (const type of ins)
      await eachPage(work, plan, type, (items) => check(work, plan, sourceOf(work, type), items))
    for (const type of outs) await checkWrites(writing, type)
    const isMoved = await work.database.transaction(work.run.orgId, async (tx) => {
      await holdRun(tx, work.run)
      const isMoved = await hasMoved(tx, plan.id)
      await (isMoved ? noteMoved : noteChecked)(tx, plan.id, work.clock.now())
      return isMoved
    })
    if (isMoved) throw PlanMoved.with()
  }
  for (const type of ins)
    await eachPage(work, plan, type, (items) => carryOutPage(work, plan, sourceOf(work, type), items))
  for (const type of outs) await carryOutWrites(writing, type)
  await work.database.transaction(work.run.orgId, async (tx) => {
    await holdRun(tx, work.run)
    for (const type of new Set([...ins, ...outs]))
      await writeCheckpoint(tx, work.run, { ...checkpointOf(plan, type, []), complete: true }, noCounts())
    // Somebody has seen what the connection writes: from now on it does so by itself.
    if (outs.length > 0 && plan.kind === 'READ')
      await approvePush(tx, { ...work.run, planId: plan.id }, work.clock.now())
  })
}

const sourceOf = ({ source }: Work, type: string): SourceType => {
  const found = source.types.find((each) => each.type === type)
  if (!found?.read) throw PlanStands.with({ type })
  return found
}

const eachPage = async (
  { database, run, signal }: Work,
  plan: KeptPlan,
  type: string,
  serve: (items: readonly KeptItem[]) => Promise<void>,
): Promise<void> => {
  for (let after = ''; ; ) {
    const from = after
    const items = await database.read(run.orgId, (tx) =>
      pendingItems(tx, plan.id, { type, direction: 'IN' }, from, PLAN_BATCH),
    )
    const last = items.at(-1)
    if (!last) return
    await serve(items)
    signal.throwIfAborted()
    after = doneWith(last)
  }
}

/** Reads the truth of items anew. */
const readAgain = async ({ clock }: Work, type: SourceType, items: readonly KeptItem[]): Promise<Step> => {
  const askedAt = clock.now()
  const ids = [...new Set(items.map(doneWith))]
  const records: SourceRecord[] = []
  const missing: string[] = []
  const refused: Failure[] = []
  for (let start = 0; start < ids.length; start += PLAN_BATCH) {
    const found = await type.read?.(ids.slice(start, start + PLAN_BATCH))
    records.push(...(found?.records ?? []))
    missing.push(...(found?.missing ?? []))
    refused.push(...(found?.refused ?? []))
  }
  return { type: type.type, records, gone: { ids: missing, reason: 'archived' }, refused, askedAt }
}

const compareAgain = (tx: object, { run, target, policy, clock }: Work, step: Step): Promise<Compared> => {
  const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at: clock.now() }
  const taking: Taking = { target, policy, around, seenBy: undefined, marksUnchanged: false }
  return compareStep(tx, taking, step)
}

const check = async (
  work: Work,
  plan: KeptPlan,
  type: SourceType,
  items: readonly KeptItem[],
): Promise<void> => {
  const step = await readAgain(work, type, items)
  await work.database.transaction(work.run.orgId, async (tx) => {
    await holdRun(tx, work.run)
    const { moved } = verifyItems(items, await compareAgain(tx, work, step))
    await noteOutcomes(tx, plan.id, { type: type.type, direction: 'IN' }, moved)
  })
}

const carryOutPage = async (
  work: Work,
  plan: KeptPlan,
  { type, ...source }: SourceType,
  items: readonly KeptItem[],
): Promise<void> => {
  const { database, run, clock, target } = work
  const step = await readAgain(work, { type, ...source }, items)
  const calls = work.source.calls()
  const isMoved = await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run, type)
    const at = clock.now()
    const found = await compareAgain(tx, work, step)
    const { left, skipped, moved } = verifyItems(items, found)
    const kind = { type, direction: 'IN' as const }
    if (moved.length > 0) {
      await noteOutcomes(tx, plan.id, kind, moved)
      await noteMoved(tx, plan.id, at)
      return true
    }
    const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at }
    const only = restricted(found.plan, left)
    const { events, counts } = await applyPlan(tx, {
      ...{ plan: only, links: found.links, target, around, seen: [], seenBy: run.id, leavesOthers: true },
    })
    const done = left.map(({ externalId }) => ({ externalId, state: 'DONE' as const }))
    await noteOutcomes(tx, plan.id, kind, [...done, ...skipped])
    await writeCheckpoint(tx, run, checkpointOf(plan, type, items), {
      ...{ ...noCounts(), ...counts, done: items.length, skipped: skipped.length },
      apiCalls: calls - work.calls.counted,
    })
    const progress = await progressOf(tx, run.id, clock)
    await publish(tx, run.orgId, [...events, ...(progress ? target.progressed(progress) : [])], at)
    return false
  })
  if (isMoved) throw PlanMoved.with()
  work.calls.counted = calls
}

const checkpointOf = (plan: KeptPlan, type: string, items: readonly KeptItem[]) => {
  const last = items.at(-1)
  const total = plan.counts
    .filter((count) => count.type === type)
    .reduce((sum, { records }) => sum + records, 0)
  const cursor = last && doneWith(last)
  return { type, phase: 'do' as const, cursor, complete: false, watermark: undefined, total }
}

/** Of what there is to do with the records of a page, what was planned: with its own words of why a record goes. */
const restricted = (plan: Plan, items: readonly KeptItem[]): Plan => {
  const planned = new Map(items.map((item) => [item.externalId, item]))
  const isPlanned = ({ externalId }: { externalId: string }) => planned.has(externalId)
  const locals = new Set(items.map(({ localId }) => localId))
  return {
    ...plan,
    unchanged: [],
    creates: plan.creates.filter(isPlanned),
    // What is to be made there again goes under the id that it had.
    updates: plan.updates.filter((each) => isPlanned(each) || planned.has(each.formerId ?? '')),
    gone: plan.gone.flatMap((each) => {
      // A record that only got another id there goes with the one that it became.
      const isSame = each.localId === each.survivorLocalId && planned.has(each.survivorId ?? '')
      if (isSame) return [each]
      const item = planned.get(each.externalId)
      return item ? [{ ...each, reason: (item.reason as typeof each.reason | null) ?? each.reason }] : []
    }),
    decisions: plan.decisions.filter(isPlanned),
    closed: plan.closed.filter(({ localId }) => locals.has(localId)),
    pushes: plan.pushes.filter(({ localId }) => locals.has(localId)),
  }
}
