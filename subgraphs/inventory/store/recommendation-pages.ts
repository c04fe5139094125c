import { type RawBuilder, sql } from 'kysely'
import type { RecommendationKind, RecommendationState } from '../domain/recommendations.ts'
import { type RecommendationRow, recommendationsById } from './recommendations.ts'
import type { Transaction } from './transaction.ts'

/** Which recommendations of a list. Null does not narrow. */
export interface RecommendationChoice {
  kinds: readonly RecommendationKind[] | null
  states: readonly RecommendationState[] | null
  confidence: number | null
}

export interface RecommendationPage {
  choice: RecommendationChoice
  limit: number
  /** The id behind which the page begins. */
  after: string | null
}

/** Whose recommendations. */
export type RecommendationOwner = 'rfq_id' | 'component_id' | 'c3_supplier_id'

const conditions = ({ kinds, states, confidence }: RecommendationChoice): RawBuilder<unknown> =>
  sql.join(
    [
      sql`true`,
      ...(kinds === null ? [] : [sql`r.kind = any(${kinds})`]),
      ...(states === null ? [] : [sql`r.state = any(${states})`]),
      ...(confidence === null ? [] : [sql`r.confidence >= ${confidence}`]),
    ],
    sql` and `,
  )

const behind = (after: string | null): RawBuilder<unknown> =>
  after === null ? sql`` : sql`and r.id < ${after}::uuid`

/** A page of all recommendations, newest first: their ids grow with time. */
export const newestRecommendations = async (
  tx: Transaction,
  orgId: string,
  { choice, limit, after }: RecommendationPage,
): Promise<RecommendationRow[]> => {
  const { rows } = await sql<{ id: string }>`
    select r.id from inventory.recommendations r
    where r.org_id = ${orgId} and ${conditions(choice)} ${behind(after)} order by r.id desc limit ${limit}`.execute(
    tx,
  )
  return await inOrder(
    tx,
    orgId,
    rows.map(({ id }) => id),
  )
}

/** For each owner its page; two statements for all owners. */
export const recommendationPages = async (
  tx: Transaction,
  orgId: string,
  of: RecommendationOwner,
  owners: readonly string[],
  { choice, limit, after }: RecommendationPage,
): Promise<Map<string, RecommendationRow[]>> => {
  const type = sql.raw(of === 'c3_supplier_id' ? 'text' : 'uuid')
  const { rows } = await sql<{ owner: string; id: string }>`
    select p.owner::text as owner, x.id from unnest(${owners}::${type}[]) as p(owner), lateral (
      select r.id from inventory.recommendations r
      where r.org_id = ${orgId} and r.${sql.ref(of)} = p.owner and ${conditions(choice)} ${behind(after)}
      order by r.id desc limit ${limit}
    ) x order by p.owner, x.id desc`.execute(tx)
  const found = new Map(
    (
      await inOrder(
        tx,
        orgId,
        rows.map(({ id }) => id),
      )
    ).map((row) => [row.id, row]),
  )
  return new Map(
    [...Map.groupBy(rows, ({ owner }) => owner)].map(([owner, own]) => [
      owner,
      own.flatMap(({ id }) => found.get(id) ?? []),
    ]),
  )
}

/** How many each owner has; one statement for all. */
export const countRecommendationsOf = async (
  tx: Transaction,
  orgId: string,
  of: RecommendationOwner,
  owners: readonly string[],
  choice: RecommendationChoice,
): Promise<Map<string, number>> => {
  const type = sql.raw(of === 'c3_supplier_id' ? 'text' : 'uuid')
  const { rows } = await sql<{ owner: string; n: number }>`
    select p.owner::text as owner, (
      select count(*) from inventory.recommendations r where r.org_id = ${orgId} and r.${sql.ref(of)} = p.owner and ${conditions(choice)}
    ) as n from unnest(${owners}::${type}[]) as p(owner)`.execute(tx)
  return new Map(rows.map(({ owner, n }) => [owner, n]))
}

/** How many there are in all. */
export const countRecommendations = async (
  tx: Transaction,
  orgId: string,
  choice: RecommendationChoice,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from inventory.recommendations r where r.org_id = ${orgId} and ${conditions(choice)}`.execute(
    tx,
  )
  return rows[0]!.n
}

const inOrder = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<RecommendationRow[]> => {
  const found = new Map((await recommendationsById(tx, orgId, ids)).map((row) => [row.id, row]))
  return ids.flatMap((id) => found.get(id) ?? [])
}
