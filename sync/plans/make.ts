import { publish } from '#events/outbox.ts'
import { holdRun, writeCheckpoint } from '../checkpoint.ts'
import { type LinkPlace, markSeen } from '../links.ts'
import type { Page, Work } from '../page.ts'
import { EVERY, type Foreseen, pendingOf } from '../pending.ts'
import { progressOf } from '../progress.ts'
import { noCounts } from '../run.ts'
import type { Sink } from '../sink.ts'
import { type Compared, compareStep, type Taking } from '../step.ts'
import type { Target } from '../target.ts'
import { callsOfPlan } from './calls.ts'
import { aheadOf, placeholdersIn, typesInOrder } from './foresee.ts'
import { itemsOf, itemsOut, type PlanItem } from './items.ts'
import { closePlan, dropItems, keepItems, madeBy, plannedAmong } from './kept.ts'
import { outgoingAfter } from './outgoing-pages.ts'

/** Records of ours that are compared at a time. */
const BATCH = 100

/**
 * Stores what one page of a reading would change: its items and the checkpoint in one transaction. The records, and whatever is told
 * of them, stay as they are; only which of them this reading has met is marked, to find those that are missing.
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const planPage = async (work: Work, page: Page): Promise<void> => {
  const { database, run, clock, target, policy } = work
  const { checkpoint, purged: _, ...step } = page
  const { type } = checkpoint
  const calls = work.source.calls()
  const counted = work.calls.counted
  work.calls.counted = calls
  const telling = work.progress.begin(clock.now().getTime())
  try {
    await database.transaction(run.orgId, async (tx) => {
      await holdRun(tx, run)
      const at = clock.now()
      const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at }
      const taking: Taking = { target, policy, around, seenBy: run.id, marksUnchanged: true }
      const found = await compareStep(tx, taking, { ...step, type })
      const items = itemsOf(found.plan, found.links, found.current)
      const place = { ...around, planId: run.planId ?? '' }
      // Met twice: what it is now counts.
      await dropItems(tx, place.planId, type, [
        ...found.plan.unchanged,
        ...found.plan.updates.map(({ externalId }) => externalId),
      ])
      await keepItems(tx, place, [...items, ...(await writesAfter(tx, work, found))])
      await markSeen(tx, { ...around, type }, met(found), { seenBy: run.id })
      const of = (action: string) => items.filter((item) => item.action === action).length
      const done = step.records?.length ?? 0
      await writeCheckpoint(tx, run, checkpoint, {
        ...{ ...noCounts(), done, created: of('CREATE'), updated: of('UPDATE'), deleted: of('DELETE') },
        ...{ conflicts: of('CONFLICT'), skipped: found.plan.unchanged.length, apiCalls: calls - counted },
      })
      const progress = telling ? await progressOf(tx, run.id, clock) : undefined
      await publish(tx, run.orgId, progress ? target.progressed(progress) : [], at)
    })
  } catch (error) {
    work.calls.counted -= calls - counted
    throw error
  } finally {
    if (telling) work.progress.told()
  }
}

/** What is still to be written of records that the source has news of, once that has been brought over. */
const writesAfter = async (tx: object, work: Work, { plan }: Compared): Promise<PlanItem[]> => {
  const { target, run, out } = work
  const { type } = plan
  if (!out.sink || !mayWrite(work, type)) return []
  const ahead = aheadOf(plan)
  const ids = [...ahead].flatMap(([localId, { isGone, values }]) =>
    isGone || (values && values.base === undefined) ? [] : localId,
  )
  if (ids.length === 0) return []
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  return itemsOut(type, await pendingOf(tx, { target, sink: out.sink }, place, ids, { ahead, coming: EVERY }))
}

const mayWrite = ({ out: { writes } }: Work, type: string): boolean => writes?.includes(type) ?? true

/** Records that the source has, has in another one, or has in its archive as the hub knows. */
const met = ({ step, links }: Compared): string[] => [
  ...(step.records ?? []).flatMap(({ externalId, mergedIds = [] }) => [externalId, ...mergedIds]),
  ...(step.outside ?? []),
  ...(step.refused ?? []).map((each) => each.externalId),
  ...(step.gone?.ids ?? []).filter((id) => links.get(id)?.goneReason !== undefined),
]

/** Adds to a plan what waits to be written at the source. */
export const planWrites = async (work: Work, types: readonly string[]): Promise<void> => {
  const { database, run, clock, target, out } = work
  const { sink } = out
  const planId = run.planId ?? ''
  if (!sink) return
  for (const type of typesInOrder(work, types).filter((each) => mayWrite(work, each))) {
    const place = { orgId: run.orgId, connectionId: run.connectionId, type }
    for (let after: string | undefined = ''; after !== undefined; ) {
      const from: string = after
      after = await database.transaction(run.orgId, async (tx) => {
        await holdRun(tx, run)
        const ids = await outgoingAfter(tx, place, from, BATCH)
        // Of what the source has news of it is known already what is left to write.
        const known = await plannedAmong(tx, planId, type, ids)
        const rest = ids.filter((id) => !known.has(id))
        await keepItems(tx, { ...place, planId }, await writesOf(tx, { target, sink, planId }, place, rest))
        await publish(tx, run.orgId, [], clock.now())
        return ids.length < BATCH ? undefined : ids.at(-1)
      })
      work.signal.throwIfAborted()
    }
  }
}

/** What is still to be written of records. Links to records that this plan makes can be written with it. */
const writesOf = async (
  tx: object,
  { target, sink, planId }: { target: Target; sink: Sink; planId: string },
  place: LinkPlace,
  ids: readonly string[],
): Promise<PlanItem[]> => {
  if (ids.length === 0) return []
  const find = async (coming: Foreseen['coming']) =>
    itemsOut(place.type, await pendingOf(tx, { target, sink }, place, ids, { coming }))
  const items = await find(EVERY)
  const named = placeholdersIn(items)
  const coming = await madeBy(tx, planId, [...named])
  return coming.size === named.size ? items : await find(coming)
}

/** Says that a plan is whole. */
export const finishPlan = async (work: Work): Promise<void> => {
  const { database, run } = work
  const apiCalls = await callsOfPlan(work)
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    await closePlan(tx, run.planId ?? '', apiCalls)
  })
}
