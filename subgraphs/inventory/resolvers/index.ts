export { DriftRepair, DriftReport } from '#control/answers/drift.ts'
export { DeadLetter, SyncLog } from '#control/answers/failures.ts'
export { SyncPlan, SyncPlanItem } from '#control/answers/plans.ts'
export { WebhookDay, WebhookRecord, WebhookSummary } from '#control/answers/webhooks.ts'
export { runTimes as SyncRun } from '#service/run-times.ts'
export { SupplyRisk } from './advice.ts'
export { C3Account } from './C3Account.ts'
export { C3Conflict } from './C3Conflict.ts'
export { C3Integration } from './C3Integration.ts'
export { Component, ComponentSource } from './Component.ts'
export { Customer } from './Customer.ts'
export {
  C3ConflictConnection,
  ComponentConnection,
  DeadLetterConnection,
  RecommendationConnection,
  RfqConnection,
  StockConnection,
  SupplierConnection,
  TransactionConnection,
} from './connections.ts'
export { Mutation } from './Mutation.ts'
export { C3PolicyVersion } from './policy.ts'
export { Query } from './Query.ts'
export { Recommendation } from './Recommendation.ts'
export { Rfq, RfqLine } from './Rfq.ts'
export { Reservation, RfqHappening } from './reservations.ts'
export { Quote, QuoteLine, RfqTotal } from './rfq-life.ts'
export { PriceBreak, StockItem } from './StockItem.ts'
export { Subscription } from './Subscription.ts'
export { Supplier } from './Supplier.ts'
export { StockAlert } from './stock-alerts.ts'
export { C3SyncStatus } from './sync-status.ts'
export { Transaction } from './Transaction.ts'
export { C3WebhookDelivery, C3WebhookEvent } from './webhooks.ts'
