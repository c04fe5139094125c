import { sql } from 'kysely'
import { SENT_AS, type SentType } from '../domain/sent-recommendations.ts'
import { type PushState, type RecommendationRow, recommendationsById } from './recommendations.ts'
import type { Transaction } from './transaction.ts'

/** Lets recommendations wait to be written at C3, unless they are there or on their way: one statement. @returns those that now wait */
export const awaitPush = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<{ localId: string; connectionId: string; type: SentType }[]> => {
  const { rows } = await sql<{ id: string; connectionId: string; kind: keyof typeof SENT_AS }>`
    update inventory.recommendations set push_state = 'WAITING', push_problem = null, pushed_at = null, version = version + 1,
      changed_at = ${at}::timestamptz
    where org_id = ${orgId} and id = any(${ids}::uuid[]) and (push_state is null or push_state = 'REFUSED')
    returning id, connection_id as "connectionId", kind`.execute(tx)
  return rows.map(({ id, connectionId, kind }) => ({ localId: id, connectionId, type: SENT_AS[kind] }))
}

/** Those of these that are to be written, the oldest first. What was rejected or superseded before it was sent stays here. */
export const toBeWritten = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<RecommendationRow[]> => {
  const rows = await recommendationsById(tx, orgId, ids)
  return rows
    .filter(
      ({ pushState, state }) =>
        pushState === 'SENDING' ||
        (pushState === 'WAITING' && (state === 'PROPOSED' || state === 'ACCEPTED')),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What became of writing recommendations: one statement. `state: null`: it does not wait any more, and was not written. */
export const movePushes = async (
  tx: Transaction,
  orgId: string,
  moved: readonly { id: string; state: PushState | null; problem?: string | null }[],
  at: Date,
): Promise<void> => {
  if (moved.length === 0) return
  await sql`
    update inventory.recommendations r set push_state = m.state, push_problem = m.problem, version = version + 1,
      pushed_at = case when m.state in ('SENT', 'REFUSED') then ${at}::timestamptz end, changed_at = ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m(id uuid, state text, problem text)
    where r.org_id = ${orgId} and r.id = m.id and r.push_state is distinct from m.state
      and (m.state is not null or r.push_state = 'WAITING')`.execute(tx)
}
