import type { AssessorName } from '../domain/assess.ts'
import { findingsKeeper } from './keep-findings.ts'
import { healthKeeper } from './keep-health.ts'
import { insightsKeeper } from './keep-insights.ts'
import type { Keeper } from './keeper.ts'

/** How the findings of each assessor are kept and told. */
export const keepers: { [N in AssessorName]: Keeper<N> } = {
  health: healthKeeper,
  findings: findingsKeeper,
  insights: insightsKeeper,
}
