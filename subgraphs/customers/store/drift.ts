import type { DriftReport, Repair } from '#sync/drift.ts'

export { listDriftReports, type RepairPage, repairsOf } from '#sync/drift.ts'

export type DriftReportRow = DriftReport
export type DriftRepairRow = Repair
