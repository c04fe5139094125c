import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { signOut } from '../commands/end-session.ts'
import { openSession } from '../commands/open-session.ts'
import { switchOrganisation } from '../commands/switch-organisation.ts'
import type { Context } from '../context.ts'
import { bodyAs, ownProcessesOnly } from './own-processes.ts'

const org = z.string().min(1).max(100)
const secret = z.string().min(1).max(100)
const begun = z.object({
  person: z.object({
    id: z.string().min(1).max(200),
    name: z.string().min(1).max(200),
    email: z.string().max(254).optional(),
  }),
  vouched: z.object({ org, roles: z.array(z.string().max(50)).max(20) }).optional(),
  org: org.optional(),
})

/**
 * `POST /sessions`, `/sessions/switch` and `/sessions/end`: browsers that sign in, go to another organisation and sign out. Only for
 * the hub's own processes, which have checked who it is. 403: the person does not belong there. 401: the session is over.
 */
export const sessionsRoutes = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock' | 'vault' | 'published'> & { seal: PrincipalSeal },
): void => {
  const onRequest = ownProcessesOnly(around.seal)
  app.post('/sessions', { onRequest }, (request) => openSession(around, bodyAs(begun, request.body)))
  app.post('/sessions/switch', { onRequest }, (request) =>
    switchOrganisation(around, bodyAs(z.object({ secret, org }), request.body)),
  )
  app.post('/sessions/end', { onRequest }, async (request, reply) => {
    await signOut(around, bodyAs(z.object({ secret }), request.body).secret)
    return reply.code(204).send()
  })
}
