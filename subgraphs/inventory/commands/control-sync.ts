import type { Telling, Vendor } from '#control/vendor.ts'
import { verbsOf } from '#control/verbs.ts'
import type { Values } from '#sync/values.ts'
import type { Context } from '../context.ts'
import { chosenValue } from '../domain/choosing-values.ts'
import { KINDS } from '../domain/kinds.ts'
import { runProgressed } from '../domain/telling.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import { currentValues } from '../store/current.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'
import { standstillOf } from './standstill.ts'

/** How what people tell the engine of C3 is told on. */
export const telling: Telling = {
  actions: {
    startSync: 'startC3Sync',
    planSync: 'planC3Sync',
    undoRun: 'undoC3Run',
    approvePlan: 'approveC3Plan',
    approveRun: 'approveC3Run',
    cancelSync: 'cancelC3Sync',
    replayDeadLetters: 'replayC3DeadLetters',
    dismissDeadLetter: 'dismissC3DeadLetter',
    resolveConflict: 'resolveC3Conflict',
    savePolicy: 'saveC3Policy',
    importPolicy: 'importC3Policy',
  },
  progressed: runProgressed,
}

const c3: Vendor<Context, IntegrationRow> = {
  ...telling,
  types: KINDS,
  connections: async (tx, orgId) =>
    (await integrationsOf(asTransaction(tx), orgId)).filter((row) => !row.disconnectedAt),
  standstill: (tx, row) => standstillOf(asTransaction(tx), row),
  conflict: 'C3Conflict',
  contested: conflictTold,
  // Each field of a request means something by itself: its currency is C3's alone.
  partners: async () => () => [],
  checked: async (_, __, { field }, said) => chosenValue(field, said),
  held: async (tx, type, ids) => (await currentValues(tx, type, ids)) as Map<string, Values>,
  change: ({ orgId, changeRecords }, tx, { connectionId }, { updates }, at) =>
    changeRecords(asTransaction(tx), { orgId, integrationId: connectionId, type: 'rfqs' }, { updates }, at),
}

/** What people tell the engine of C3. */
export const {
  startSync,
  planSync,
  undoRun,
  approvePlan,
  approveRun,
  cancelSync,
  replayDeadLetters,
  dismissDeadLetter,
  resolveConflict,
  resolveConflicts,
} = verbsOf(c3)
