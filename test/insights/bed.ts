import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { session } from '#db/session.ts'
import type { EventPayload } from '#schema/events.ts'
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
  const count = async (sql: string, values: unknown[] = []): Promise<number> =>
    (await rows<{ n: number }>(sql, values))[0]!.n
  /** Takes an event and, before that is committed, does something else. */
  const takeThen = ({ source, event }: Told, at: Date, then: () => Promise<void>): Promise<void> =>
    database.transaction(event.orgId, async (tx) => {
      await takeEvents(asTransaction(tx), event.orgId, source, [event], at)
      await then()
    })
  return {
    test,
    takeThen,
    /** How many wait for a lock in this database. */
    waiting: () =>
      count(
        "select count(*)::int as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
        [test.name],
      ),
    /** Makes an organisation larger by customers like those it has, `times` of each: half of them due, half changed. */
    multiply: async (orgId: string, times: number): Promise<void> => {
      await rows(
        `insert into insights.enrichments (org_id, customer_id, document, input_hash, made_at, checked_at)
        select org_id, customer_id, '{"sentences": []}', '', '2026-11-01', '2026-11-01' from insights.customers where org_id = $1 on conflict do nothing`,
        [orgId],
      )
      await rows(
        `insert into insights.enrichment_queue (org_id, customer_id, state, priority, is_asked, wanted_at, attempts)
        select org_id, customer_id, 'RESTING', 5, false, '2026-11-01', 0 from insights.customers where org_id = $1 on conflict do nothing`,
        [orgId],
      )
      await rows(
        "insert into insights.former_accounts (org_id, customer_id, system, account_id, taken_at, until) select org_id, customer_id, system, account_id, '2026-10-01', '2026-11-01' from insights.accounts where org_id = $1",
        [orgId],
      )
      await rows(
        `insert into insights.former_judgements (org_id, customer_id, accounts, merged_into, set_aside_at, judgement)
        select org_id, customer_id, 'former', customer_id, '2026-11-01', '{}' from insights.customers where org_id = $1`,
        [orgId],
      )
      await rows(
        "insert into insights.former_signals (org_id, account_system, account_id, system, kind, record_id, observed_at, taken_at, until) select org_id, account_system, account_id, system, kind, record_id, observed_at, taken_at, taken_at + interval '1 day' from insights.signals where org_id = $1 and account_id is not null",
        [orgId],
      )
      await rows(
        "insert into insights.set_aside (org_id, customer_id, reason, failures, since, last_at) select org_id, customer_id, 'FAILED', 1, '2026-11-01', '2026-11-01' from insights.customers where org_id = $1",
        [orgId],
      )
      const more = (table: string, columns: string, copied: string) =>
        rows(
          `insert into insights.${table} (org_id, ${columns}) select org_id, ${copied} from insights.${table} t, generate_series(1, $2) n where org_id = $1`,
          [orgId, times],
        )
      await more(
        'customers',
        'customer_id, identity_version, dirty_since, due_at',
        "customer_id || '-' || n, 1, case when n % 2 = 0 then due_at end, due_at",
      )
      await more(
        'accounts',
        'customer_id, system, account_id',
        "customer_id || '-' || n, system, account_id || '-' || n",
      )
      await more(
        'signals',
        'system, kind, record_id, account_system, account_id, observed_at, source, source_pos',
        "system, kind, record_id || '-' || n, account_system, account_id || '-' || n, observed_at, source, 0",
      )
      await more(
        'former_signals',
        'account_system, account_id, system, kind, record_id, observed_at, taken_at, until',
        "account_system, account_id || '-' || n, system, kind, record_id, observed_at, taken_at, until",
      )
      await more(
        'enrichments',
        'customer_id, document, input_hash, made_at, checked_at',
        "customer_id || '-' || n, document, input_hash, made_at, checked_at",
      )
      await more(
        'enrichment_queue',
        'customer_id, state, priority, is_asked, wanted_at, attempts',
        "customer_id || '-' || n, state, priority, is_asked, wanted_at, attempts",
      )
      await more(
        'former_judgements',
        'customer_id, accounts, merged_into, set_aside_at, judgement',
        "customer_id || '-' || n, accounts, merged_into || '-' || n, set_aside_at, judgement",
      )
      await more(
        'former_accounts',
        'customer_id, system, account_id, taken_at, until',
        "customer_id || '-' || n, system, account_id || '-' || n, taken_at, until",
      )
      await more(
        'set_aside',
        'customer_id, reason, failures, since, last_at',
        "customer_id || '-' || n, reason, failures, since, last_at",
      )
      await more('findings', 'customer_id, found, as_of', "customer_id || '-' || n, found, as_of")
      await more(
        'health',
        'customer_id, score, confidence, coverage, dimensions, contributions, as_of, identity_version',
        "customer_id || '-' || n, (n * 7919 % 10000) / 100.0, confidence, coverage, dimensions, contributions, as_of, 1",
      )
      await more(
        'health_history',
        'customer_id, as_of, score, confidence, coverage, dimensions, contributions, identity_version',
        "customer_id || '-' || n, as_of, score, confidence, coverage, dimensions, contributions, identity_version",
      )
      await rows(
        `insert into insights.insights (org_id, insight_id, customer_id, detector, method_version, type, episode, state, version, confidence, impact, value_at_stake,
          sentence, measures, evidence, is_recommended, needs_person, dismissals, raised_at, valid_until, decided_at, dismissed_for, as_of)
        select org_id, gen_random_uuid(), customer_id, 'made-up', 1, 'SUPPORT', n, case when n = 2 then 'NEW' else 'DISMISSED' end, 1, abs(hashtext(customer_id)) % 101, 'HIGH', 1000,
          'Made up.', '[]', '[]', false, false, 0, timestamptz '2026-11-01' - n * interval '1 day', '2027-01-01',
          case when n = 1 then timestamptz '2026-11-01' end, case when n = 1 then 'NOT_NOW' end, '2026-11-01'
        from insights.customers, generate_series(1, 2) n where org_id = $1`,
        [orgId],
      )
      await rows(
        "insert into insights.series (org_id, account_system, account_id, kind, system, month, unit, amounts, positions, observed_at, source) select org_id, system, account_id, 'usage-minutes', 'WARP', '2026-10-01', 'minutes', array_fill(1, array[31]), array_fill(1, array[31]), '2026-11-01', 'telephony' from insights.accounts where org_id = $1 and system = 'WARP' on conflict do nothing",
        [orgId],
      )
      await rows('analyze')
    },
    /** How the database would execute statements on this subgraph's tables, as a role, within an organisation. */
    plans: (
      role: 'app' | 'relay',
      orgId: string,
      statements: readonly string[],
    ): Promise<{ text: string; plan: string }[]> =>
      session(test.urls[role], async (client) => {
        // As on a disk without a moving head.
        await client.query('set local random_page_cost = 1.1')
        const found: { text: string; plan: string }[] = []
        await client.query('begin')
        await client.query("select set_config('hub.org_id', $1, true)", [orgId])
        for (const text of statements.filter((each) => each.includes('insights'))) {
          // Without values: the plan for any.
          const { rows: lines } = await client.query<{ 'QUERY PLAN': string }>(
            `explain (generic_plan) ${text}`,
          )
          found.push({ text, plan: lines.map((line) => line['QUERY PLAN']).join('\n') })
        }
        await client.query('rollback')
        return found
      }),
    database,
    take,
    batch,
    scoreAll,
    rows,
    scores: async (orgId: string): Promise<Map<string, ScoreRow>> => {
      const found = await rows<ScoreRow>('select * from insights.health where org_id = $1', [orgId])
      return new Map(found.map((row) => [row.customer_id, row]))
    },
    /** How many customers wait to be scored because something changed. */
    unscored: () => count('select count(*)::int as n from insights.customers where dirty_since is not null'),
    /** How many customers wait to be scored because their time has come. */
    dueBy: (at: Date) =>
      count(
        'select count(*)::int as n from insights.customers where dirty_since is not null or due_at <= $1',
        [at],
      ),
    /** What was told of moved scores, oldest first. */
    told: (orgId: string) =>
      rows<{ key: string; payload: Record<string, string | null> }>(
        "select key, payload from events.recorded where org_id = $1 and name = 'insights.health.changed' order by batch, place",
        [orgId],
      ),
    /** What was told of customers beyond their scores, oldest first. */
    profiles: (orgId: string) =>
      rows<{ key: string; payload: EventPayload<'insights.profile.changed'> }>(
        "select key, payload from events.recorded where org_id = $1 and name = 'insights.profile.changed' order by batch, place",
        [orgId],
      ),
    [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
  }
}
export type InsightsBed = Awaited<ReturnType<typeof insightsBed>>
