import { sql } from 'kysely'
import type { OutsideProvider } from '../domain/enrichment.ts'
import type { Transaction } from './transaction.ts'

/** An answer, and to what. */
export interface CachedAnswer {
  provider: OutsideProvider
  /** Of the question. */
  inputHash: string
  answer: unknown
}

/** Answers to these questions that are not older than `since`, one statement for all. */
export const cachedAnswers = async (
  tx: Transaction,
  orgId: string,
  questions: readonly Omit<CachedAnswer, 'answer'>[],
  since: Date,
): Promise<CachedAnswer[]> => {
  if (questions.length === 0) return []
  const { rows } = await sql<CachedAnswer>`
    select c.provider, c.input_hash as "inputHash", c.answer from insights.enrichment_cache c
    join json_to_recordset(${JSON.stringify(questions)}::json) as r(provider text, "inputHash" text)
      on c.provider = r.provider and c.input_hash = r."inputHash"
    where c.org_id = ${orgId}::uuid and c.made_at > ${since}`.execute(tx)
  return rows
}

// Of old answers so many go with each that comes: there are never many more than are young.
const MOST_FORGOTTEN = 200

/** Keeps answers, and forgets some that are older than `since`. Two statements. */
export const keepAnswers = async (
  tx: Transaction,
  orgId: string,
  answers: readonly CachedAnswer[],
  at: Date,
  since: Date,
): Promise<void> => {
  if (answers.length === 0) return
  await sql`
    insert into insights.enrichment_cache (org_id, provider, input_hash, answer, made_at)
    select distinct on (r.provider, r."inputHash") ${orgId}::uuid, r.provider, r."inputHash", r.answer, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(answers)}::json) as r(provider text, "inputHash" text, answer json)
    order by r.provider, r."inputHash"
    on conflict (org_id, provider, input_hash) do update set answer = excluded.answer, made_at = excluded.made_at`.execute(
    tx,
  )
  await sql`
    delete from insights.enrichment_cache where org_id = ${orgId}::uuid and (provider, input_hash) in (
      select provider, input_hash from insights.enrichment_cache
      where org_id = ${orgId}::uuid and made_at <= ${since} order by made_at limit ${MOST_FORGOTTEN} for update skip locked
    )`.execute(tx)
}
