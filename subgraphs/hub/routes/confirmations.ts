import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'
import { spendConfirmation } from '../commands/spend-confirmation.ts'
import type { Context } from '../context.ts'

const body = z.object({ orgId: z.uuid(), id: z.uuid(), expiresAt: z.iso.datetime() })

/** `POST /confirmations`: uses a confirmation of a plan up. Only for the hub's own processes. 409: it was used before. */
export const confirmationsRoute = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal },
): void => {
  app.route({
    method: 'POST',
    url: '/confirmations',
    onRequest: async (request) => {
      await systemCaller(request, around.seal)
    },
    handler: async (request, reply) => {
      const read = body.safeParse(request.body)
      if (!read.success) throw BadInput.with({ field: 'body', reason: 'must be {orgId, id, expiresAt}' })
      const { orgId, id, expiresAt } = read.data
      const isFirst = await spendConfirmation(around, { orgId, id, expiresAt: new Date(expiresAt) })
      return reply.code(isFirst ? 204 : 409).send()
    },
  })
}
