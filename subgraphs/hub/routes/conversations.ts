import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { BadInput, NotFound } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import type { Vault } from '#kernel/vault.ts'
import { callerOf } from '#service/requests.ts'
import { recall } from '../commands/recall.ts'
import { say, turnSchema } from '../commands/say.ts'
import type { Context } from '../context.ts'

const asked = z.object({ conversationId: z.uuid().nullable() })
const said = asked.extend({ turn: turnSchema })

/**
 * `POST /conversations/recall` and `POST /conversations/say`: what was said before, and what is said now, of whom the signed
 * principal names. Only the hub's own processes can sign one. 404: the conversation is not the caller's.
 */
export const conversationRoutes = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal; vault: Vault },
): void => {
  const callerIn = async (request: FastifyRequest) => {
    const caller = await callerOf(request, around.seal)
    if (caller.orgId === null) throw BadInput.with({ field: 'principal', reason: 'needs an organisation' })
    return { orgId: caller.orgId, owner: { kind: caller.kind, id: caller.id } }
  }
  app.post('/conversations/recall', async (request) => {
    const { orgId, owner } = await callerIn(request)
    const read = asked.safeParse(request.body)
    if (!read.success) throw BadInput.with({ field: 'body', reason: 'must be {conversationId}' })
    const recalled = await recall(around, orgId, owner, read.data.conversationId)
    if (!recalled) throw NotFound.with({ what: 'The conversation' })
    return recalled
  })
  app.post('/conversations/say', async (request) => {
    const { orgId, owner } = await callerIn(request)
    const read = said.safeParse(request.body)
    // Not in zod's words: they could quote what was said.
    if (!read.success) throw BadInput.with({ field: 'body', reason: 'must be {conversationId, turn}' })
    const conversationId = await say(around, orgId, owner, read.data)
    if (conversationId === undefined) throw NotFound.with({ what: 'The conversation' })
    return { conversationId }
  })
}
