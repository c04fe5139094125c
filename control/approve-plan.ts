import { publish } from '#events/outbox.ts'
import { sleep } from '#kernel/clock.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import {
  itemsOfPlans,
  type KeptItem,
  type KeptPlan,
  lockPlan,
  noteApproval,
  plansById,
} from '#sync/plans/kept.ts'
import { progressOf } from '#sync/progress.ts'
import { startRun } from '#sync/queue.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Asking, Telling } from './vendor.ts'

/** Why a plan cannot be approved. */
export type Unapproved = 'busy' | 'not ready' | 'expired' | 'over' | 'other hash'

/** A plan that is being done, or that was found to have moved. */
export interface Approved {
  plan: KeptPlan
  run: RunProgress
  receipt: Receipt
}
export interface Moved {
  plan: KeptPlan
  moved: KeptItem[]
}

/** So long an answer waits for the look at what a plan would change. What takes longer goes on by itself. */
const LOOKS = 50
const LOOK_EVERY_MS = 100
const MOST_TOLD = 100

/**
 * Has a plan done that somebody has looked at. Of several who approve it at once, all are answered with the same run.
 * Null when there is no such plan.
 */
export const approvePlan =
  (vendor: Telling) =>
  async (
    ctx: Asking,
    ask: { planId: string; hash: string },
  ): Promise<Approved | Moved | Unapproved | null> => {
    const begun = await begin(vendor, ctx, ask)
    if (begun === null || typeof begun === 'string' || 'moved' in begun) return begun
    for (let look = 0; look < LOOKS; look++) {
      const plan = await planOf(ctx, ask.planId)
      if (plan?.state === 'MOVED') return await moved(ctx, plan)
      if (plan && (plan.checkedAt !== null || plan.state !== 'DOING')) return { ...begun, plan }
      await sleep(LOOK_EVERY_MS)
    }
    return begun
  }

const begin = (
  vendor: Telling,
  ctx: Asking,
  { planId, hash }: { planId: string; hash: string },
): Promise<Approved | Moved | Unapproved | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const plan = isId(planId) ? await lockPlan(tx, orgId, planId, at) : undefined
    if (!plan) return null
    if (plan.hash === null) return plan.state === 'MAKING' ? 'not ready' : 'over'
    if (plan.hash !== hash) return 'other hash'
    if (plan.state === 'MOVED') return { plan, moved: await movedItems(tx, orgId, planId) }
    if (plan.state === 'EXPIRED') return 'expired'
    if (plan.applyRunId !== null) {
      const known = await progressOf(tx, plan.applyRunId, clock)
      return known && plan.state === 'DOING' ? { plan, run: known, receipt: await receiptOf(tx) } : 'over'
    }
    const { run, isNew } = await startRun(tx, {
      ...{ orgId, connectionId: plan.connectionId, mode: plan.mode, clock },
      plan: { id: planId, purpose: 'APPLY' },
    })
    if (!isNew) return 'busy'
    await noteApproval(tx, planId, { runId: run.id, by: principal.id, at })
    const subject = { type: 'SyncPlan', id: planId }
    await audit(tx, {
      orgId,
      principal,
      action: vendor.actions.approvePlan,
      subject,
      after: { hash, runId: run.id },
      at,
    })
    await publish(tx, orgId, [vendor.progressed(run)], at)
    const now = (await plansById(tx, orgId, [planId], at)).get(planId) ?? plan
    return { plan: now, run, receipt: await receiptOf(tx) }
  })

const planOf = async ({ db, orgId, clock }: Asking, id: string): Promise<KeptPlan | undefined> =>
  (await db.read(orgId, (tx) => plansById(tx, orgId, [id], clock.now()))).get(id)

const moved = async ({ db, orgId }: Asking, plan: KeptPlan): Promise<Moved> => ({
  plan,
  moved: await db.read(orgId, (tx) => movedItems(tx, orgId, plan.id)),
})

const movedItems = async (tx: object, orgId: string, id: string): Promise<KeptItem[]> => {
  const page = { state: 'MOVED' as const, limit: MOST_TOLD, after: null }
  return (await itemsOfPlans(tx, orgId, [id], page)).get(id) ?? []
}
