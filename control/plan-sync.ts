import { publish } from '#events/outbox.ts'
import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type KeptPlan, keepPlan, plansById, undoOf } from '#sync/plans/kept.ts'
import { progressOf } from '#sync/progress.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import type { Asking, Connection, Reached, Standstill, Telling } from './vendor.ts'

/** A plan that is being made, by which run. */
export interface Planned {
  plan: KeptPlan
  run: RunProgress
  receipt: Receipt
}

/** Has a plan made of what a sync would do. Null when there is no such connection; `busy` while it is being read or holds. */
export const planSync =
  <Row extends Connection>(vendor: Telling & Reached<Row>) =>
  (
    ctx: Asking,
    ask: { integrationId: string | null; types: readonly string[] | null; mode: RunMode },
  ): Promise<Planned | Standstill | 'busy' | null> =>
    ctx.write(async (tx) => {
      const integration = chosen(await vendor.connections(tx, ctx.orgId), ask.integrationId)
      if (integration === 'ambiguous') return 'ambiguous'
      if (!integration || integration.disconnected_at) return null
      // What only goes out is planned too: it is what there is to write.
      const standstill = await vendor.standstill(tx, integration)
      if (standstill && standstill !== 'outward') return standstill
      const types = [...(ask.types ?? vendor.types)]
      const mode = ask.mode === 'INCREMENTAL' ? 'INCREMENTAL' : 'FULL'
      const wanted = {
        connectionId: integration.id,
        kind: 'READ' as const,
        mode,
        types,
        undoes: null,
      } as const
      return await beginPlan(vendor, ctx, tx, { ...wanted, types }, 'planSync')
    })

/**
 * Has a plan made of what would undo a run. Asked again while there is one, answers that one. Null when there is no such run; `under way`
 * while it is not over; `no change` when it only made a plan.
 */
export const undoRun =
  (vendor: Telling) =>
  (ctx: Asking, runId: string): Promise<Planned | 'busy' | 'under way' | 'no change' | null> =>
    ctx.write(async (tx) => {
      const { orgId, clock } = ctx
      const run = isId(runId) ? await progressOf(tx, runId, clock) : undefined
      if (!run) return null
      if (run.finishedAt === null) return 'under way'
      if (run.purpose === 'PLAN') return 'no change'
      const known = await undoOf(tx, orgId, runId, clock.now())
      const making = known && (await progressOf(tx, known.runId, clock))
      if (known && making) return { plan: known, run: making, receipt: await receiptOf(tx) }
      const types = run.types.map(({ type }) => type)
      const wanted = { kind: 'UNDO', mode: 'INCREMENTAL', types, undoes: runId } as const
      return await beginPlan(vendor, ctx, tx, { ...wanted, connectionId: run.connectionId, types }, 'undoRun')
    })

const beginPlan = async (
  vendor: Telling,
  { orgId, principal, clock }: Asking,
  tx: object,
  wanted: Pick<KeptPlan, 'connectionId' | 'kind' | 'mode' | 'types' | 'undoes'>,
  verb: 'planSync' | 'undoRun',
): Promise<Planned | 'busy'> => {
  const id = newId(clock)
  const at = clock.now()
  const { run, isNew } = await startRun(tx, {
    ...{ orgId, connectionId: wanted.connectionId, mode: wanted.mode, clock },
    plan: { id, purpose: 'PLAN' },
  })
  if (!isNew) return 'busy'
  await keepPlan(tx, { ...wanted, id, orgId, runId: run.id, madeBy: principal.id }, at)
  const { kind, mode, types, undoes } = wanted
  const subject = { type: 'SyncPlan', id }
  const action = vendor.actions[verb]
  await audit(tx, { orgId, principal, action, subject, after: { kind, mode, types, undoes }, at })
  await publish(tx, orgId, [vendor.progressed(run)], at)
  const plan = (await plansById(tx, orgId, [id], at)).get(id)
  if (!plan) throw new Error('a plan that was just written is not there')
  return { plan, run, receipt: await receiptOf(tx) }
}
