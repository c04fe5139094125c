/**
 * Who wins when both sides changed a field since they last agreed.
 * SOURCE, HUB: that side · LAST_WRITE: the later one, SOURCE when the clocks are too close to tell · FILL_BLANK: SOURCE, but only
 * where the hub has nothing · NEVER_CLEAR: SOURCE, unless it would empty the field · MERGE: lists only, both sides' items ·
 * MANUAL: nobody, until somebody decides
 */
export const POLICIES = [
  'SOURCE',
  'HUB',
  'LAST_WRITE',
  'FILL_BLANK',
  'NEVER_CLEAR',
  'MERGE',
  'MANUAL',
] as const
export type Policy = (typeof POLICIES)[number]

/** The policy of each field. `version` is written beside every decision, so that it can be explained later. */
export interface PolicyTable {
  version: number
  of(type: string, field: string): Policy
  /** Two changes closer than this cannot be ordered by their clocks. */
  clockToleranceMs: number
}

/** The source is right about everything it tells: what a subgraph starts with before somebody decides otherwise. */
export const sourceWins: PolicyTable = { version: 1, of: () => 'SOURCE', clockToleranceMs: 10 * 60_000 }
