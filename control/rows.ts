/** What types of the graph are made of that subgraphs answer alike. */
import type { CountedPage } from '#service/connection.ts'
import type { ContestedField } from '#sync/conflicts.ts'
import type { DeadLetter } from '#sync/dead-letters.ts'
import type { ToldRecord } from '#sync/deliveries/listed.ts'
import type { DriftReport, Repair } from '#sync/drift.ts'
import type { SyncLog } from '#sync/logs.ts'
import type { KeptItem, KeptPlan } from '#sync/plans/kept.ts'

export type ConflictRow = ContestedField
export type ConflictConnectionRow = CountedPage<ConflictRow>
export type DeadLetterRow = DeadLetter
export type DeadLetterConnectionRow = CountedPage<DeadLetterRow>
export type DriftReportRow = DriftReport
export type DriftRepairRow = Repair
export type SyncLogRow = SyncLog
export type SyncPlanRow = KeptPlan
export type SyncPlanItemRow = KeptItem
export type WebhookRecordRow = ToldRecord
