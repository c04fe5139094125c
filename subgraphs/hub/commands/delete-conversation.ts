import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { deleteConversation as forget } from '../store/conversations.ts'

export interface ConversationDeleted {
  __typename: 'ConversationDeleted'
  id: string
}

/** Forgets one of the caller's conversations, with all that was said in it. */
export const deleteConversation = (
  { db, orgId, principal, clock }: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  id: string,
): Promise<ConversationDeleted | MissingRefusal> =>
  db.transaction(orgId, async (tx) => {
    if (!isId(id) || !(await forget(tx, orgId, principal, id))) return missing('The conversation')
    const subject = { type: 'Conversation', id }
    await audit(tx, { orgId, principal, action: 'deleteConversation', subject, at: clock.now() })
    return { __typename: 'ConversationDeleted', id }
  })
