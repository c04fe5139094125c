import { sql } from 'kysely'
import type { ConversationRow, SealedTurn } from '../domain/conversation.ts'
import type { Transaction } from './transaction.ts'

/** Whose a conversation is. */
export interface Owner {
  kind: string
  id: string
}

const columns = ['id', 'started_at as startedAt', 'last_used_at as lastUsedAt'] as const

/** Somebody's conversations behind a place, the one used last first, as far as they are still kept. */
export const conversationsOf = async (
  tx: Transaction,
  orgId: string,
  owner: Owner,
  { limit, after, since }: { limit: number; after: readonly [at: string, id: string] | null; since: Date },
): Promise<ConversationRow[]> => {
  const behind = after ? sql`and (last_used_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<ConversationRow>`
    select id, started_at as "startedAt", last_used_at as "lastUsedAt" from hub.conversations
    where org_id = ${orgId} and owner_kind = ${owner.kind} and owner_id = ${owner.id} and last_used_at >= ${since} ${behind}
    order by last_used_at desc, id desc limit ${limit}`.execute(tx)
  return rows
}

/** One of somebody's conversations. */
export const conversationOf = (
  tx: Transaction,
  orgId: string,
  owner: Owner,
  id: string,
  since: Date,
): Promise<ConversationRow | undefined> =>
  tx
    .selectFrom('hub.conversations')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .where('last_used_at', '>=', since)
    .executeTakeFirst()

/** The turns of conversations behind a place, newest first, in one statement. */
export const turnsOf = async (
  tx: Transaction,
  orgId: string,
  conversationIds: readonly string[],
  { limit, before }: { limit: number; before: number | null },
): Promise<Map<string, SealedTurn[]>> => {
  const behind = before === null ? sql`` : sql`and number < ${before}`
  const { rows } = await sql<SealedTurn & { conversationId: string }>`
    select asked.of as "conversationId", turn.* from unnest(${conversationIds}::uuid[]) as asked (of)
    cross join lateral (
      select number, at, sealed from hub.conversation_turns
      where org_id = ${orgId} and conversation_id = asked.of ${behind}
      order by number desc limit ${limit}
    ) as turn
    order by turn.number desc`.execute(tx)
  const found = new Map<string, SealedTurn[]>(conversationIds.map((id) => [id, []]))
  for (const { conversationId, number, at, sealed } of rows)
    found.get(conversationId)?.push({ number, at, sealed })
  return found
}

/** Begins a conversation, or goes on with one's own. @returns the number of its next turn; undefined when it is not one's own */
export const nextTurn = async (
  tx: Transaction,
  orgId: string,
  owner: Owner,
  id: string,
  { at, isNew }: { at: Date; isNew: boolean },
): Promise<number | undefined> => {
  if (isNew) {
    const times = { started_at: at, last_used_at: at }
    await tx
      .insertInto('hub.conversations')
      .values({ org_id: orgId, id, owner_kind: owner.kind, owner_id: owner.id, ...times, turns: 1 })
      .execute()
    return 1
  }
  // The row is locked: of two sentences at once each gets a number of its own.
  const updated = await tx
    .updateTable('hub.conversations')
    .set((row) => ({ last_used_at: at, turns: row('turns', '+', 1) }))
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .returning('turns')
    .executeTakeFirst()
  return updated?.turns
}

export const insertTurn = async (
  tx: Transaction,
  orgId: string,
  conversationId: string,
  { number, at, sealed }: SealedTurn,
): Promise<void> => {
  await tx
    .insertInto('hub.conversation_turns')
    .values({ org_id: orgId, conversation_id: conversationId, number, at, sealed })
    .execute()
}

/** Forgets one of somebody's conversations, turns and all. @returns whether it was there */
export const deleteConversation = async (
  tx: Transaction,
  orgId: string,
  owner: Owner,
  id: string,
): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('hub.conversations')
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** Which turn of which conversation. */
export interface TurnPlace {
  conversationId: string
  number: number
}

/** Turns of all conversations of the organisation behind a place, in the order of their key. */
export const turnsBehind = async (
  tx: Transaction,
  orgId: string,
  after: TurnPlace | null,
  limit: number,
): Promise<(SealedTurn & TurnPlace)[]> => {
  const behind = after
    ? sql`and (conversation_id, number) > (${after.conversationId}::uuid, ${after.number})`
    : sql``
  const { rows } = await sql<SealedTurn & TurnPlace>`
    select conversation_id as "conversationId", number, at, sealed from hub.conversation_turns
    where org_id = ${orgId} ${behind} order by conversation_id, number limit ${limit}`.execute(tx)
  return rows
}

/** Forgets these turns. What is left of their conversations stays as it is. */
export const deleteTurns = async (
  tx: Transaction,
  orgId: string,
  turns: readonly TurnPlace[],
): Promise<void> => {
  await sql`
    delete from hub.conversation_turns t
    using unnest(${turns.map((turn) => turn.conversationId)}::uuid[], ${turns.map((turn) => turn.number)}::integer[])
      as gone (conversation_id, number)
    where t.org_id = ${orgId} and t.conversation_id = gone.conversation_id and t.number = gone.number`.execute(
    tx,
  )
}

/** Forgets what nobody went on with, of everybody in the organisation. */
export const forgetUnused = async (tx: Transaction, orgId: string, before: Date): Promise<void> => {
  await tx
    .deleteFrom('hub.conversations')
    .where('org_id', '=', orgId)
    .where('last_used_at', '<', before)
    .execute()
}
