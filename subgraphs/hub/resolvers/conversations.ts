import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { ConversationResolvers, MutationResolvers, QueryResolvers } from '#schema/generated/hub.types.ts'
import { connection, isMoment, isText, isWhole, keyset, placeOf } from '#service/connection.ts'
import { deleteConversation } from '../commands/delete-conversation.ts'
import { interpretCommand } from '../commands/interpret-command.ts'
import type { Context } from '../context.ts'
import { expiresAt, forgottenBefore, openTurn } from '../domain/conversation.ts'
import { conversationOf, conversationsOf } from '../store/conversations.ts'

const keptSince = ({ clock }: Pick<Context, 'clock'>): Date => forgottenBefore(clock.now())

export const conversationQueries = {
  conversations: async (_, args, ctx) => {
    const page = keyset(args, 2)
    const after = placeOf(page.after, isMoment, isText)
    if (after && !isId(after[1]))
      throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
    const wish = { limit: page.limit, after, since: keptSince(ctx) }
    const rows = await ctx.db.read(ctx.orgId, (tx) => conversationsOf(tx, ctx.orgId, ctx.principal, wish))
    return connection(rows, page, ({ lastUsedAt, id }) => [lastUsedAt.toISOString(), id])
  },
  conversation: async (_, { id }, ctx) => {
    if (!isId(id)) return null
    const { orgId, principal } = ctx
    return (
      (await ctx.db.read(orgId, (tx) => conversationOf(tx, orgId, principal, id, keptSince(ctx)))) ?? null
    )
  },
  interpretCommand: (_, args, ctx) => interpretCommand(ctx, args),
} satisfies Pick<QueryResolvers, 'conversations' | 'conversation' | 'interpretCommand'>

export const conversationMutations = {
  deleteConversation: (_, { id }, ctx) => deleteConversation(ctx, id),
} satisfies Pick<MutationResolvers, 'deleteConversation'>

export const Conversation: ConversationResolvers = {
  expiresAt: (conversation) => expiresAt(conversation),
  turns: async ({ id }, args, { conversationTurns, vault, orgId }) => {
    const page = keyset(args, 1)
    const [before] = placeOf(page.after, isWhole) ?? [null]
    const sealed = (await conversationTurns.load(id, { limit: page.limit, before })) ?? []
    const rows = sealed.map((turn) => {
      const opened = vault && openTurn(vault, orgId, id, turn)
      const { said = null, kind = null, sentence = null, operation = null } = opened ?? {}
      return { number: turn.number, at: turn.at, said, kind, sentence, operation }
    })
    return connection(rows, page, ({ number }) => [number])
  },
}
