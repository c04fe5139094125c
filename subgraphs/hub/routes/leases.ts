import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { BadInput, NotFound } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'
import { lendPoints } from '../commands/lend-points.ts'
import type { Context } from '../context.ts'

const MOST = 1_000
const points = z.number().int().min(0).max(10_000_000)
const body = z.object({
  orgId: z.uuid(),
  wishes: z.array(z.object({ holder: z.string().min(1).max(300), points })).max(MOST),
  used: z.array(z.object({ id: z.uuid(), used: points })).max(MOST),
})

/** `POST /leases`: lends a gateway points of an organisation. Only for the hub's own processes. */
export const leasesRoute = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal },
): void => {
  app.route({
    method: 'POST',
    url: '/leases',
    onRequest: async (request) => {
      await systemCaller(request, around.seal)
    },
    handler: async (request) => {
      const read = body.safeParse(request.body)
      if (!read.success) throw BadInput.with({ field: 'body', reason: 'must be {orgId, wishes, used}' })
      const lent = await lendPoints(around, read.data)
      if (!lent) throw NotFound.with({ what: 'The organisation' })
      return lent
    },
  })
}
