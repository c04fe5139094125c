import { driftPage } from '#control/answers/drift.ts'
import { planAnswers, planPage } from '#control/answers/plans.ts'
import { runAnswers } from '#control/answers/runs.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import {
  approvePlan,
  approveRun,
  cancelSync,
  planSync,
  startSync,
  undoRun,
} from '../commands/control-sync.ts'
import { RECORD_TYPES } from '../domain/kinds.ts'
import { OWN_OBJECT_TYPES } from '../domain/own-objects.ts'
import { hubSpotRun } from '../domain/telling.ts'

const words = { vendor: 'HubSpot', run: hubSpotRun }
const runs = runAnswers(words)
const plans = planAnswers(words, [...RECORD_TYPES, ...OWN_OBJECT_TYPES])

/** Plans of syncs, and what comparing everything found. */
export const planQueries = {
  syncPlan: async (_, { id }, ctx) => (await ctx.plans.load(id)) ?? null,
  syncPlans: (_, args, ctx) => planPage(ctx, args),
  driftReports: (_, args, ctx) => driftPage(ctx, args),
} satisfies QueryResolvers

/** Beginning and stopping syncs, planning, approving and undoing them, and letting those go on that hold. */
export const planMutations = {
  startHubSpotSync: async (_, { integrationId, mode }, ctx) =>
    runs.started(await startSync(ctx, { integrationId: integrationId ?? null, mode })),
  cancelSync: async (_, { runId }, ctx) => runs.cancelled(await cancelSync(ctx, runId)),
  approveRun: async (_, ask, ctx) => runs.goesOn(await approveRun(ctx, ask)),

  planSync: async (_, { integrationId, types, mode }, ctx) =>
    plans.wrongTypes(types) ??
    plans.planned(await planSync(ctx, { integrationId: integrationId ?? null, types: types ?? null, mode })),
  undoRun: async (_, { runId }, ctx) => plans.undone(await undoRun(ctx, runId)),
  approvePlan: async (_, ask, ctx) => plans.approved(await approvePlan(ctx, ask)),
} satisfies MutationResolvers
