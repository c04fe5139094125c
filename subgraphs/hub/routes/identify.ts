import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'
import { identifyKey, identifySession, identifyUser } from '../commands/identify.ts'
import type { Context } from '../context.ts'

const body = z.union([
  z.object({ apiKey: z.string().min(1).max(300) }),
  z.object({ session: z.string().min(1).max(100) }),
  z.object({
    user: z.object({
      id: z.string().min(1).max(200),
      name: z.string().max(200),
      org: z.string().min(1).max(100),
      roles: z.array(z.string().max(50)).max(20),
    }),
  }),
])

/**
 * `POST /identify`: who a key, a session or a checked token stands for. Only for the hub's own processes.
 * 401: no such key or session, or over. 403: no such organisation, or no role in it.
 */
export const identifyRoute = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal },
): void => {
  app.route({
    method: 'POST',
    url: '/identify',
    onRequest: async (request) => {
      await systemCaller(request, around.seal)
    },
    handler: (request) => {
      const read = body.safeParse(request.body)
      // Not in zod's words: they could quote the key.
      if (!read.success)
        throw BadInput.with({ field: 'body', reason: 'must be {apiKey}, {session} or {user}' })
      if ('apiKey' in read.data) return identifyKey(around, read.data.apiKey)
      return 'session' in read.data
        ? identifySession(around, read.data.session)
        : identifyUser(around, read.data.user)
    },
  })
}
