import type { Vault } from '#kernel/vault.ts'
import type { Context } from '../context.ts'
import { forgottenBefore, openTurn, REMEMBERED_TURNS, type SaidTurn } from '../domain/conversation.ts'
import { conversationOf, type Owner, turnsOf } from '../store/conversations.ts'
import { known } from '../store/viewer.ts'

export interface Recalled {
  /** The zone whose days and months the organisation means. */
  timeZone: string
  /** What was said last in the conversation, the oldest first. */
  turns: SaidTurn[]
}

/** What a sentence may refer to. @returns undefined when the conversation is not the caller's, or forgotten */
export const recall = (
  { db, clock, vault }: Pick<Context, 'db' | 'clock'> & { vault: Vault },
  orgId: string,
  owner: Owner,
  conversationId: string | null,
): Promise<Recalled | undefined> =>
  db.read(orgId, async (tx) => {
    const timeZone = (await known(tx, orgId, owner))?.organisation.timeZone ?? 'UTC'
    if (conversationId === null) return { timeZone, turns: [] }
    const since = forgottenBefore(clock.now())
    if (!(await conversationOf(tx, orgId, owner, conversationId, since))) return undefined
    const page = { limit: REMEMBERED_TURNS, before: null }
    const sealed = (await turnsOf(tx, orgId, [conversationId], page)).get(conversationId) ?? []
    const turns = sealed.flatMap((turn) => openTurn(vault, orgId, conversationId, turn) ?? [])
    return { timeZone, turns: turns.reverse() }
  })
