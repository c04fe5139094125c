import { type RawBuilder, sql } from 'kysely'
import { RENEWAL_STAGE } from './child-shapes.ts'

/** Which records of a kind: what is left out or null does not narrow. A list only gives what its kind has. */
export interface ChildFilter {
  /** Deals, tickets and tasks. */
  open?: boolean | null
  /** Tickets. */
  category?: string | null
  subcategory?: string | null
  priority?: string | null
  severity?: string | null
  issueType?: string | null
  /** Deals: RENEWALS are all those that are renewals at all. */
  renewal?: string | null
  dueFrom?: Date | null
  dueTo?: Date | null
}

const DUE = sql`coalesce(t.contract_end, t.close_date)`

const CONDITIONS: {
  [K in keyof ChildFilter]-?: (value: NonNullable<ChildFilter[K]>) => RawBuilder<unknown>
} = {
  open: (open) => sql`t.is_open = ${open}`,
  category: (category) => sql`t.category = ${category}`,
  subcategory: (subcategory) => sql`t.subcategory = ${subcategory}`,
  priority: (priority) => sql`upper(t.priority) = ${priority}`,
  severity: (severity) => sql`upper(t.properties ->> 'warp_severity') = ${severity}`,
  issueType: (type) => sql`upper(t.properties ->> 'warp_issue_type') = ${type}`,
  renewal: (stage) =>
    stage === 'RENEWALS' ? sql`${RENEWAL_STAGE} <> 'NOT_A_RENEWAL'` : sql`${RENEWAL_STAGE} = ${stage}`,
  dueFrom: (from) => sql`${DUE} >= ${from}::timestamptz`,
  dueTo: (to) => sql`${DUE} < ${to}::timestamptz`,
}

/** The conditions of a filter on `t`, each behind an `and`. */
export const filterOf = (filter: ChildFilter): RawBuilder<unknown> => {
  const all = (Object.keys(CONDITIONS) as (keyof ChildFilter)[]).flatMap((key) => {
    const value = filter[key]
    const condition = CONDITIONS[key] as (value: unknown) => RawBuilder<unknown>
    return value === null || value === undefined ? [] : [sql`and ${condition(value)}`]
  })
  return all.length === 0 ? sql`` : sql.join(all, sql` `)
}
