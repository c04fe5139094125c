import { driftPage } from '#control/answers/drift.ts'
import {
  deadLetterPage,
  dismissed,
  letterFilter,
  syncLogPage,
  wrongLetters,
  wrongReason,
} from '#control/answers/failures.ts'
import { planAnswers, planPage } from '#control/answers/plans.ts'
import { runAnswers } from '#control/answers/runs.ts'
import type { MutationResolvers, QueryResolvers } from '#schema/generated/inventory.types.ts'
import {
  approvePlan,
  approveRun,
  cancelSync,
  dismissDeadLetter,
  planSync,
  replayDeadLetters,
  startSync,
  undoRun,
} from '../commands/control-sync.ts'
import { KINDS } from '../domain/kinds.ts'
import { c3Run } from '../domain/telling.ts'

const words = {
  vendor: 'C3',
  run: c3Run,
  standstill: {
    'signed out': 'C3 does not accept the connection’s key any more. Give it another one, then sync.',
  },
}
const runs = runAnswers(words)
const plans = planAnswers(words, KINDS)

/** What syncs would do and did, what was given up, and what comparing everything found. */
export const controlQueries = {
  c3SyncPlan: async (_, { id }, ctx) => (await ctx.plans.load(id)) ?? null,
  c3SyncPlans: (_, args, ctx) => planPage(ctx, args),
  c3SyncLogs: (_, args, ctx) => syncLogPage(ctx, args),
  c3DeadLetters: (_, args, ctx) => deadLetterPage(ctx, args),
  c3DriftReports: (_, args, ctx) => driftPage(ctx, args),
} satisfies QueryResolvers

/** What people tell the engine of C3. */
export const controlMutations = {
  startC3Sync: async (_, { integrationId, mode }, ctx) =>
    runs.started(await startSync(ctx, { integrationId: integrationId ?? null, mode })),
  cancelC3Sync: async (_, { runId }, ctx) => runs.cancelled(await cancelSync(ctx, runId)),
  approveC3Run: async (_, ask, ctx) => runs.goesOn(await approveRun(ctx, ask)),

  planC3Sync: async (_, { integrationId, types, mode }, ctx) =>
    plans.wrongTypes(types) ??
    plans.planned(await planSync(ctx, { integrationId: integrationId ?? null, types: types ?? null, mode })),
  undoC3Run: async (_, { runId }, ctx) => plans.undone(await undoRun(ctx, runId)),
  approveC3Plan: async (_, ask, ctx) => plans.approved(await approvePlan(ctx, ask)),

  replayC3DeadLetters: async (_, { filter }, ctx) =>
    wrongLetters(filter) ?? {
      __typename: 'DeadLettersReplayed',
      ...(await replayDeadLetters(ctx, letterFilter(filter))),
    },
  dismissC3DeadLetter: async (_, { id, because }, ctx) =>
    wrongReason(because) ?? dismissed(await dismissDeadLetter(ctx, { id, because })),
} satisfies MutationResolvers
