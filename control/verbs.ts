import { approvePlan } from './approve-plan.ts'
import { approveRun } from './approve-run.ts'
import { cancelSync } from './cancel-sync.ts'
import { dismissDeadLetter } from './dismiss-dead-letter.ts'
import { planSync, undoRun } from './plan-sync.ts'
import { replayDeadLetters } from './replay-dead-letters.ts'
import { resolveConflict, resolveConflicts } from './resolve-conflicts.ts'
import { startSync } from './start-sync.ts'
import type { Asking, Connection, Vendor } from './vendor.ts'

/** Everything that people tell the engine of a vendor's runs and records: each is one transaction, and leaves an audit row. */
export const verbsOf = <Asker extends Asking, Row extends Connection>(vendor: Vendor<Asker, Row>) => ({
  startSync: startSync(vendor),
  planSync: planSync(vendor),
  undoRun: undoRun(vendor),
  approvePlan: approvePlan(vendor),
  approveRun: approveRun(vendor),
  cancelSync: cancelSync(vendor),
  replayDeadLetters: replayDeadLetters(vendor),
  dismissDeadLetter: dismissDeadLetter(vendor),
  resolveConflict: resolveConflict(vendor),
  resolveConflicts: resolveConflicts(vendor),
})
