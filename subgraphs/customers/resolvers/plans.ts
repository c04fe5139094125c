import { isId } from '#kernel/ids.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import { approvePlan, type Unapproved } from '../commands/approve-plan.ts'
import { approveRun } from '../commands/approve-run.ts'
import { type Planned, planSync, undoRun } from '../commands/plan-sync.ts'
import { RECORD_TYPES } from '../domain/kinds.ts'
import { OWN_OBJECT_TYPES } from '../domain/own-objects.ts'
import { hubSpotRun } from '../domain/telling.ts'
import { listPlans } from '../store/plans.ts'
import { STANDSTILL } from './connection-mutations.ts'

const MOST_PLANS = 50

const BUSY = 'A sync of this connection is under way or holds. Wait for its end, or stop it, then ask again.'

const UNAPPROVED: Readonly<Record<Unapproved, string>> = {
  busy: BUSY,
  'not ready': 'The plan is still being made. Wait until it is READY.',
  expired: 'The plan is too old. Make a new one.',
  over: 'The plan was done, stopped or could not be made. Make a new one.',
  'other hash': 'This is not the hash of the plan. Look at the plan, and send back the hash it has.',
}

const started = ({ run, ...planned }: Planned) => ({
  ...{ __typename: 'PlanStarted' as const, run: hubSpotRun(run) },
  ...planned,
})

/** Plans of syncs. */
export const planQueries = {
  syncPlan: async (_, { id }, ctx) => (await ctx.plans.load(id)) ?? null,
  syncPlans: async (_, { integrationId, ...args }, ctx) => {
    const page = keyset(args, 2, MOST_PLANS)
    // An id that cannot be ours is nobody's.
    if (integrationId && !isId(integrationId)) return connection([], page, () => [])
    const filter = { connectionId: integrationId ?? undefined }
    const rows = await ctx.db.read(ctx.orgId, (tx) => listPlans(tx, ctx.orgId, filter, page, ctx.clock.now()))
    return connection(rows, page, ({ madeAt, id }) => [madeAt.toISOString(), id])
  },
} satisfies QueryResolvers

/** Making, approving and undoing, and runs that hold until somebody lets them go on. */
export const planMutations = {
  approveRun: async (_, { runId, holdId }, ctx) => {
    const approved = await approveRun(ctx, { runId, holdId })
    if (approved === null) return missing('The run')
    if (approved === 'moved')
      return invalid('holdId', 'This run does not hold, or for another reason by now. Look at it again.')
    return { __typename: 'RunApproved', run: hubSpotRun(approved.run), receipt: approved.receipt }
  },

  planSync: async (_, { integrationId, types, mode }, ctx) => {
    const known: readonly string[] = [...RECORD_TYPES, ...OWN_OBJECT_TYPES]
    if (types && (types.length === 0 || types.some((type) => !known.includes(type))))
      return invalid('types', `Kinds of record are ${known.join(', ')}.`)
    const planned = await planSync(ctx, { integrationId: integrationId ?? null, types: types ?? null, mode })
    if (planned === null) return missing('The HubSpot connection')
    if (planned === 'busy') return invalid(null, BUSY, 'BUSY')
    return typeof planned === 'string' ? invalid('integrationId', STANDSTILL[planned]) : started(planned)
  },

  undoRun: async (_, { runId }, ctx) => {
    const planned = await undoRun(ctx, runId)
    if (planned === null) return missing('The run')
    if (planned === 'busy') return invalid(null, BUSY, 'BUSY')
    if (planned === 'under way') return invalid('runId', 'This run is not over yet. Stop it first.')
    if (planned === 'no change') return invalid('runId', 'This run only made a plan: it changed nothing.')
    return started(planned)
  },

  approvePlan: async (_, ask, ctx) => {
    const approved = await approvePlan(ctx, ask)
    if (approved === null) return missing('The plan')
    if (typeof approved === 'string')
      return invalid(approved === 'other hash' ? 'hash' : 'planId', UNAPPROVED[approved])
    const { plan } = approved
    if (!('moved' in approved))
      return { __typename: 'PlanApproved', plan, run: hubSpotRun(approved.run), receipt: approved.receipt }
    const message =
      'Records have changed since the plan was made, so no more is done of it. Look at what has moved, and make a new plan.'
    return { __typename: 'PlanMoved', code: 'PLAN_MOVED', message, plan, items: approved.moved }
  },
} satisfies MutationResolvers
