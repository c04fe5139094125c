import type { Lifecycle } from './lifecycle.ts'

/** From when on something is warned of: assumed, the same for all. */
export interface RiskRules {
  /** Stock that lasts less than this share of the lead time is short: 1 means that new parts come too late. */
  coverageOfLeadTime: number
  /** Below this share of deliveries in time a supplier is late. */
  leastOnTime: number
  /** Demand a day below which nobody would miss the part. */
  leastDemand: number
}

export const RISK_RULES: RiskRules = { coverageOfLeadTime: 1, leastOnTime: 0.75, leastDemand: 0.05 }

export const RISK_KINDS = ['SHORTAGE', 'SINGLE_SOURCE', 'END_OF_LIFE', 'LATE_SUPPLIER'] as const
export type RiskKind = (typeof RISK_KINDS)[number]
export type Severity = 'LOW' | 'MEDIUM' | 'HIGH'

/** What a part's supply is judged by. */
export interface Supply {
  /** Pieces that can be promised. */
  free: number
  /** Pieces a day; null when nobody has ordered enough to tell. */
  demandPerDay: number | null
  lifecycle: Lifecycle | null
  sources: readonly { supplierId: string; leadTimeDays: number; onTime: number | null; isApproved: boolean }[]
}

export interface SupplyRiskRow {
  kind: RiskKind
  severity: Severity
  /** In a sentence that a buyer understands. */
  reason: string
  /** Days until nothing is left; null where that is not the matter. */
  coverageDays: number | null
  /** The supplier that is meant; null for the part itself. */
  supplierId: string | null
}

const days = (count: number): string => (count === 1 ? 'one day' : `${count} days`)

/** What threatens the supply of a part, worst first. */
export const supplyRisks = (supply: Supply, rules: RiskRules = RISK_RULES): SupplyRiskRow[] => {
  const wanted = (supply.demandPerDay ?? 0) >= rules.leastDemand
  const approved = supply.sources.filter(({ isApproved }) => isApproved)
  return [
    ...(wanted ? shortage(supply, approved, rules) : []),
    ...(wanted ? singleSource(approved) : []),
    ...endOfLife(supply.lifecycle, wanted),
    ...lateSuppliers(approved, rules),
  ].sort((a, b) => RANK[b.severity] - RANK[a.severity])
}

const RANK: Record<Severity, number> = { LOW: 0, MEDIUM: 1, HIGH: 2 }

const shortage = (
  { free, demandPerDay }: Supply,
  approved: Supply['sources'],
  { coverageOfLeadTime }: RiskRules,
): SupplyRiskRow[] => {
  // What is oversold lasts no longer than what is gone.
  const coverageDays = Math.max(0, Math.floor(free / (demandPerDay ?? 1)))
  if (approved.length === 0) return []
  const leadTime = Math.min(...approved.map(({ leadTimeDays }) => leadTimeDays))
  const ratio = coverageDays / Math.max(1, leadTime)
  if (ratio >= coverageOfLeadTime) return []
  const severity =
    ratio < coverageOfLeadTime / 3 ? 'HIGH' : ratio < (coverageOfLeadTime * 2) / 3 ? 'MEDIUM' : 'LOW'
  const reason = `What is left lasts ${days(coverageDays)}; the fastest supplier needs ${days(leadTime)}.`
  return [{ kind: 'SHORTAGE', severity, reason, coverageDays, supplierId: null }]
}

const singleSource = (approved: Supply['sources']): SupplyRiskRow[] => {
  const [only, another] = new Set(approved.map(({ supplierId }) => supplierId))
  if (only === undefined || another !== undefined) return []
  const reason = 'Only one approved supplier offers it.'
  return [{ kind: 'SINGLE_SOURCE', severity: 'MEDIUM', reason, coverageDays: null, supplierId: only }]
}

const ENDINGS: Readonly<Record<Lifecycle, { severity: Severity; reason: string } | null>> = {
  ACTIVE: null,
  NOT_FOR_NEW_DESIGNS: { severity: 'LOW', reason: 'Its maker advises against it for new designs.' },
  LAST_TIME_BUY: { severity: 'HIGH', reason: 'Its maker takes the last orders now.' },
  OBSOLETE: { severity: 'HIGH', reason: 'Its maker makes it no more.' },
}

const endOfLife = (lifecycle: Lifecycle | null, wanted: boolean): SupplyRiskRow[] => {
  const ending = lifecycle && ENDINGS[lifecycle]
  if (!ending) return []
  // What nobody orders may go.
  const severity = wanted ? ending.severity : 'LOW'
  return [{ kind: 'END_OF_LIFE', severity, reason: ending.reason, coverageDays: null, supplierId: null }]
}

export const lateSuppliers = (approved: Supply['sources'], { leastOnTime }: RiskRules): SupplyRiskRow[] => {
  const late = approved.filter(({ onTime }) => onTime !== null && onTime < leastOnTime)
  // As long as somebody else delivers in time, it can be bought there.
  const severity = late.length === approved.length ? 'MEDIUM' : 'LOW'
  return late.map(({ supplierId, onTime }) => ({
    kind: 'LATE_SUPPLIER',
    severity,
    reason: `Only ${Math.round((onTime ?? 0) * 100)} of 100 deliveries of this supplier came when promised.`,
    coverageDays: null,
    supplierId,
  }))
}
