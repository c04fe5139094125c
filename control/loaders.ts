import type { Clock } from '#kernel/clock.ts'
import { idLoader, type Loader, loader } from '#service/loader.ts'
import { type RepairPage, repairsOf } from '#sync/drift.ts'
import { type ItemPage, itemsOfPlans, plansById } from '#sync/plans/kept.ts'
import { type AlsoWaiting, waitingBeside } from '#sync/plans/outgoing-pages.ts'
import type { DriftRepairRow, SyncPlanItemRow, SyncPlanRow } from './rows.ts'

/** What answers about plans and reconciliations are read by. */
export interface ControlLoaders {
  /** The records that reconciliations repaired, by run. */
  repairs: Loader<string, DriftRepairRow[], RepairPage>
  /** Plans of syncs by id, and what they would do, record by record. */
  plans: Loader<string, SyncPlanRow, void>
  planItems: Loader<string, SyncPlanItemRow[], ItemPage>
  /** What else of their connections waits to be written. */
  besidePlans: Loader<string, AlsoWaiting[], void>
}

export const controlLoaders = (
  read: <T>(run: (tx: object) => Promise<T>) => Promise<T>,
  orgId: string,
  clock: Clock,
): ControlLoaders => ({
  repairs: loader((ids, page) => read((tx) => repairsOf(tx, orgId, ids, page))),
  plans: idLoader((ids) => read((tx) => plansById(tx, orgId, ids, clock.now()))),
  planItems: loader((ids, page) => read((tx) => itemsOfPlans(tx, orgId, ids, page))),
  besidePlans: idLoader((ids) => read((tx) => waitingBeside(tx, orgId, ids))),
})
