import { type RawBuilder, sql } from 'kysely'
import { isId } from '#kernel/ids.ts'
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
  /** Deals: words that their name holds, in any order. */
  name?: string | null
  /** Deals: RENEWALS are all those that are renewals at all. */
  renewal?: string | null
  renewFrom?: Date | null
  renewBefore?: Date | null
  /** Tasks. */
  status?: string | null
  type?: string | null
  dueFrom?: Date | null
  dueBefore?: Date | null
  /** Deals, tickets, tasks and people: who looks after them. */
  ownerId?: string | null
}

const RENEWS = sql`coalesce(t.contract_end, t.close_date)`

const CONDITIONS: {
  [K in keyof ChildFilter]-?: (value: NonNullable<ChildFilter[K]>) => RawBuilder<unknown>
} = {
  open: (open) => sql`t.is_open = ${open}`,
  category: (category) => sql`t.category = ${category}`,
  subcategory: (subcategory) => sql`t.subcategory = ${subcategory}`,
  priority: (priority) => sql`upper(t.priority) = ${priority.toUpperCase()}`,
  severity: (severity) => sql`t.severity = ${severity}`,
  issueType: (type) => sql`t.issue_type = ${type}`,
  name: (words) => {
    const each = words.toLowerCase().split(/\s+/).filter(Boolean)
    return sql`not exists (select from unnest(${each}::text[]) w where position(w in lower(coalesce(t.name, ''))) = 0)`
  },
  renewal: (stage) =>
    stage === 'RENEWALS' ? sql`${RENEWAL_STAGE} <> 'NOT_A_RENEWAL'` : sql`${RENEWAL_STAGE} = ${stage}`,
  renewFrom: (from) => sql`${RENEWS} >= ${from}::timestamptz`,
  renewBefore: (before) => sql`${RENEWS} < ${before}::timestamptz`,
  status: (status) => sql`upper(t.status) = ${status.toUpperCase()}`,
  type: (type) => sql`upper(t.task_type) = ${type.toUpperCase()}`,
  dueFrom: (from) => sql`t.due_at >= ${from}::timestamptz`,
  dueBefore: (before) => sql`t.due_at < ${before}::timestamptz`,
  // What cannot be an owner's id owns nothing.
  ownerId: (owner) => (isId(owner) ? sql`t.owner_id = ${owner}::uuid` : sql`false`),
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
