import { newId } from '#kernel/ids.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Context } from '../context.ts'
import { type SaidTurn, sealTurn } from '../domain/conversation.ts'
import { insertTurn, nextTurn, type Owner } from '../store/conversations.ts'

export { turnSchema } from '../domain/conversation.ts'

/**
 * Keeps one turn of a conversation: a new one when none is named.
 * @returns the conversation's id; undefined when the one named is not the caller's
 */
export const say = (
  { db, clock, vault }: Pick<Context, 'db' | 'clock'> & { vault: Vault },
  orgId: string,
  owner: Owner,
  { conversationId, turn }: { conversationId: string | null; turn: SaidTurn },
): Promise<string | undefined> =>
  db.transaction(orgId, async (tx) => {
    const at = clock.now()
    const id = conversationId ?? newId(clock)
    const number = await nextTurn(tx, orgId, owner, id, { at, isNew: conversationId === null })
    if (number === undefined) return undefined
    await insertTurn(tx, orgId, id, { number, at, sealed: sealTurn(vault, orgId, id, number, turn) })
    return id
  })
