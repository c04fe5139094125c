import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { session } from '#db/session.ts'
import { organisationsToScore, scoreOrganisation } from '#subgraphs/insights/commands/score-customers.ts'
import { takeEvents } from '#subgraphs/insights/commands/take-events.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import type { Told } from './world.ts'

export interface ScoreRow {
  customer_id: string
  score: string | null
  confidence: string
  coverage: string
  contributions: { points: number; metric: string; sources: string[] }[]
  as_of: Date
  identity_version: number
}

/** An insights database, with what its loops do to be done by hand, at moments of the test's choice. */
export const insightsBed = async () => {
  const test = await testDatabase<DB>('insights')
  const { database } = test
  /** Takes events as the consumers would: of one source and organisation in a transaction. */
  const take = async (told: readonly Told[], at: Date, db: Database<DB> = database): Promise<void> => {
    const bySource = Map.groupBy(told, ({ source, event }) => `${source} ${event.orgId}`)
    for (const [group, list] of bySource) {
      const [source, orgId] = group.split(' ') as [string, string]
      const events = list.map(({ event }) => event)
      await db.transaction(orgId, (tx) => takeEvents(asTransaction(tx), orgId, source, events, at))
    }
  }
  /** One batch, as one process would score it. */
  const batch = (orgId: string, at: Date, limit = 250): Promise<number> =>
    database.transaction(orgId, (tx) => scoreOrganisation(tx, orgId, at, limit))
  /** Everything that is to be scored at a moment. @returns how many customers were */
  const scoreAll = async (at: Date, limit = 250): Promise<number> => {
    let scored = 0
    for (let turns = 0; turns < 1000; turns++) {
      const organisations = await database.relay((tx) => organisationsToScore(tx, at))
      if (organisations.length === 0) return scored
      for (const orgId of organisations) scored += await batch(orgId, at, limit)
    }
    throw new Error('scoring does not come to an end')
  }
  const rows = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    session(test.adminUrl, async (client) => (await client.query(sql, values)).rows as T[])
  return {
    test,
    database,
    take,
    batch,
    scoreAll,
    rows,
    scores: async (orgId: string): Promise<Map<string, ScoreRow>> => {
      const found = await rows<ScoreRow>('select * from insights.health where org_id = $1', [orgId])
      return new Map(found.map((row) => [row.customer_id, row]))
    },
    /** What was told of moved scores, oldest first. */
    told: (orgId: string) =>
      rows<{ key: string; payload: Record<string, string | null> }>(
        'select key, payload from events.outbox where org_id = $1 order by id',
        [orgId],
      ),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}
export type InsightsBed = Awaited<ReturnType<typeof insightsBed>>
