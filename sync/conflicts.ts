import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { FieldValue } from './values.ts'

/** A field that both sides changed, with everything that is known of it and of how it ended. */
export interface ContestedField {
  id: string
  connectionId: string
  type: string
  externalId: string
  localId: string
  field: string
  base: FieldValue
  theirs: FieldValue
  ours: FieldValue
  theirsAt: Date | null
  oursAt: Date | null
  /** The policy as people call it. */
  word: string
  policyVersion: number
  outcome: 'theirs' | 'ours' | 'merged' | 'open' | 'agreed' | 'gone' | 'value'
  would: 'theirs' | 'ours' | 'merged' | null
  settledBy: 'POLICY' | 'PERSON' | 'AGREEMENT'
  version: number
  /** Null when no person said a value of their own. */
  chosen: { value: FieldValue } | null
  decidedAt: Date
  movedAt: Date | null
  closedAt: Date | null
}

/** Columns of a contested field. @param d the table's name in the statement */
export const contestedColumns = sql`id, connection_id as "connectionId", type, external_id as "externalId", local_id as "localId", field,
  base -> 'value' as base, theirs -> 'value' as theirs, ours -> 'value' as ours, theirs_at as "theirsAt", ours_at as "oursAt",
  policy as word, policy_version as "policyVersion", outcome, would, settled_by as "settledBy", version, chosen,
  decided_at as "decidedAt", moved_at as "movedAt", closed_at as "closedAt"`

export type ContestState = 'OPEN' | 'SETTLED' | 'RESOLVED' | 'AGREED' | 'GONE'

/** How a contested field stands. */
export const stateOf = ({
  outcome,
  settledBy,
}: Pick<ContestedField, 'outcome' | 'settledBy'>): ContestState => {
  if (outcome === 'open') return 'OPEN'
  if (outcome === 'agreed') return 'AGREED'
  if (outcome === 'gone') return 'GONE'
  return settledBy === 'PERSON' ? 'RESOLVED' : 'SETTLED'
}

const STATES: Readonly<Record<ContestState, ReturnType<typeof sql>>> = {
  OPEN: sql`and outcome = 'open'`,
  SETTLED: sql`and outcome in ('theirs', 'ours', 'merged') and settled_by = 'POLICY'`,
  RESOLVED: sql`and outcome in ('theirs', 'ours', 'value') and settled_by = 'PERSON'`,
  AGREED: sql`and outcome = 'agreed'`,
  GONE: sql`and outcome = 'gone'`,
}

/** Which contested fields are meant; what is left out does not narrow. */
export interface ContestFilter {
  ids?: readonly string[] | undefined
  connectionId?: string | undefined
  type?: string | undefined
  field?: string | undefined
  state?: ContestState | undefined
  localId?: string | undefined
  since?: Date | undefined
  until?: Date | undefined
}

/** The conditions of a filter, to be put behind others. */
export const meant = (filter: ContestFilter) => {
  const { ids, connectionId, type, field, state, localId, since, until } = filter
  return sql`${ids ? sql`and id = any(${ids}::uuid[])` : sql``}
    ${connectionId ? sql`and connection_id = ${connectionId}::uuid` : sql``} ${type ? sql`and type = ${type}` : sql``}
    ${field ? sql`and field = ${field}` : sql``} ${localId ? sql`and local_id = ${localId}::uuid` : sql``}
    ${since ? sql`and decided_at >= ${since}::timestamptz` : sql``} ${until ? sql`and decided_at < ${until}::timestamptz` : sql``}
    ${state ? STATES[state] : sql``}`
}

/** Contested fields, those that were met last first. @param page.after moment and id of the last one of the page before */
export const listContested = async (
  tx: object,
  orgId: string,
  filter: ContestFilter,
  { limit, after }: { limit: number; after: readonly (string | number | null)[] | null },
): Promise<ContestedField[]> => {
  const { rows } = await sql<ContestedField>`
    select ${contestedColumns} from sync.decisions where org_id = ${orgId}::uuid ${meant(filter)}
      ${after ? sql`and (decided_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``}
    order by decided_at desc, id desc limit ${limit}`.execute(over(tx))
  return rows
}

/** How many are meant. */
export const countContested = async (tx: object, orgId: string, filter: ContestFilter): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from sync.decisions where org_id = ${orgId}::uuid ${meant(filter)}`.execute(
    over(tx),
  )
  return rows[0]?.count ?? 0
}
