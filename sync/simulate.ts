import { sql } from 'kysely'
import { over } from '#db/client.ts'
import { type ContestedField, contestedColumns } from './conflicts.ts'
import { decide, type PolicyTable, type Verdict } from './policy.ts'

export type Decided = Verdict['outcome']

/** A decision that another table would make otherwise. */
export interface Redecided {
  contested: ContestedField
  was: Decided
  wouldBe: Decided
}

/** What another table makes of decisions that were made. */
export interface Simulated {
  looked: number
  differing: number
  /** By kind of record, field and what became what. */
  differences: { type: string; field: string; was: Decided; wouldBe: Decided; count: number }[]
  /** The newest of them behind `after`, at most `limit`. */
  examples: Redecided[]
}

/** The decisions meant: those of a connection that were made in a while. */
export interface Window {
  orgId: string
  connectionId: string
  since: Date
  until: Date
}

export interface ExamplePage {
  limit: number
  /** Moment and id of the last one of the page before. */
  after: readonly (string | number | null)[] | null
}

const PAGE = 5_000

/**
 * Makes recorded decisions again under another table and tells the difference: page by page, so that however many there are, no
 * more than one page of them is held. Nothing is written.
 */
export const simulate = async (
  tx: object,
  window: Window,
  table: PolicyTable,
  examples: ExamplePage,
  page = PAGE,
): Promise<Simulated> => {
  const counts = new Map<string, Simulated['differences'][number]>()
  const found: Simulated = { looked: 0, differing: 0, differences: [], examples: [] }
  for await (const rows of pagesOf(tx, window, page))
    for (const contested of rows) {
      found.looked++
      const [was, wouldBe] = [decidedOf(contested), redecide(table, contested)]
      if (was === wouldBe) continue
      found.differing++
      const { type, field } = contested
      const key = JSON.stringify([type, field, was, wouldBe])
      const counted = counts.get(key) ?? { type, field, was, wouldBe, count: 0 }
      counted.count++
      counts.set(key, counted)
      if (found.examples.length < examples.limit && isBehind(contested, examples.after))
        found.examples.push({ contested, was, wouldBe })
    }
  found.differences = [...counts.values()].sort(
    (a, b) => b.count - a.count || (`${a.type}/${a.field}` < `${b.type}/${b.field}` ? -1 : 1),
  )
  return found
}

/** Decisions, newest first. */
async function* pagesOf(
  tx: object,
  { orgId, connectionId, since, until }: Window,
  page: number,
): AsyncGenerator<ContestedField[]> {
  let last: ContestedField | undefined
  do {
    const { rows } = await sql<ContestedField>`
      select ${contestedColumns} from sync.decisions
      where org_id = ${orgId}::uuid and connection_id = ${connectionId}::uuid
        and decided_at >= ${since}::timestamptz and decided_at < ${until}::timestamptz
        ${last ? sql`and (decided_at, id) < (${last.decidedAt}::timestamptz, ${last.id}::uuid)` : sql``}
      order by decided_at desc, id desc limit ${page}`.execute(over(tx))
    yield rows
    last = rows.length === page ? rows.at(-1) : undefined
  } while (last)
}

/** What the policy made of it at the time, whatever a person or the course of things made of it later. */
const decidedOf = ({ settledBy, outcome }: ContestedField): Decided =>
  settledBy === 'POLICY' && (outcome === 'theirs' || outcome === 'ours' || outcome === 'merged')
    ? outcome
    : 'open'

const redecide = (table: PolicyTable, { type, field, ...contested }: ContestedField): Decided =>
  decide(table, type, field, {
    ...contested,
    theirsAt: contested.theirsAt ?? undefined,
    oursAt: contested.oursAt ?? undefined,
  }).outcome

const isBehind = ({ decidedAt, id }: ContestedField, after: ExamplePage['after']): boolean => {
  if (!after) return true
  const [at, last] = [Date.parse(String(after[0])), String(after[1])]
  return decidedAt.getTime() < at || (decidedAt.getTime() === at && id < last)
}
