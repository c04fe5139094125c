import type { KeptItem, KeptPlan } from '#sync/plans/kept.ts'

export {
  type ItemPage,
  itemsOfPlans,
  keepPlan,
  listPlans,
  lockPlan,
  noteApproval,
  plansById,
  undoOf,
} from '#sync/plans/kept.ts'

export type SyncPlanRow = KeptPlan
export type SyncPlanItemRow = KeptItem
