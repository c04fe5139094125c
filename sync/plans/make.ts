import { publish } from '#events/outbox.ts'
import { holdRun, writeCheckpoint } from '../checkpoint.ts'
import type { Opened } from '../execute.ts'
import { markSeen } from '../links.ts'
import type { Page, Work } from '../page.ts'
import { pendingOf } from '../pending.ts'
import { progressOf } from '../progress.ts'
import { noCounts } from '../run.ts'
import { type Compared, compareStep, type Taking } from '../step.ts'
import { itemsOf, itemsOut } from './items.ts'
import { closePlan, dropItems, keepItems, type PlanCount } from './kept.ts'
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
      await dropItems(tx, place.planId, type, found.plan.unchanged)
      await keepItems(tx, place, items)
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

/** Records that the source has, or has in its archive as the hub knows. */
const met = ({ step, links }: Compared): string[] => [
  ...(step.records ?? []).map((record) => record.externalId),
  ...(step.outside ?? []),
  ...(step.refused ?? []).map((each) => each.externalId),
  ...(step.gone?.ids ?? []).filter((id) => links.get(id)?.goneReason !== undefined),
]

/** Adds to a plan what waits to be written at the source. */
export const planWrites = async (
  work: Work,
  { target, sink, writes }: Opened,
  types: readonly string[],
): Promise<void> => {
  const { database, run, clock } = work
  if (!sink) return
  for (const type of types.filter((each) => writes?.includes(each) ?? true)) {
    const place = { orgId: run.orgId, connectionId: run.connectionId, type }
    for (let after: string | undefined = ''; after !== undefined; ) {
      const from: string = after
      after = await database.transaction(run.orgId, async (tx) => {
        await holdRun(tx, run)
        const ids = await outgoingAfter(tx, place, from, BATCH)
        const pending = ids.length > 0 ? await pendingOf(tx, { target, sink }, place, ids) : []
        await keepItems(tx, { ...place, planId: run.planId ?? '' }, itemsOut(type, pending))
        await publish(tx, run.orgId, [], clock.now())
        return ids.length < BATCH ? undefined : ids.at(-1)
      })
      work.signal.throwIfAborted()
    }
  }
}

/** Says that a plan is whole. Doing it reads each record of ours twice: before anything is done, and just before it is. */
export const finishPlan = async (work: Work): Promise<void> => {
  const { database, run, source } = work
  const calls = new Map(source.types.map((type) => [type.type, type.callsToRead ?? 1]))
  const callsOf = ({ direction, type, records }: Omit<PlanCount, 'action'>): number =>
    Math.ceil(records / BATCH) * (2 * (calls.get(type) ?? 1) + (direction === 'OUT' ? 1 : 0))
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    await closePlan(tx, run.planId ?? '', callsOf)
  })
}
