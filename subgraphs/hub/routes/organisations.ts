import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { createOrganisation, inviteAdmin } from '../commands/create-organisation.ts'
import type { Context } from '../context.ts'
import { bodyAs, ownProcessesOnly } from './own-processes.ts'

const name = z.string().max(1_000)
const admin = z.union([
  z.object({ name, email: z.string().max(1_000) }),
  z.object({ name, personId: z.string().max(1_000) }),
])
const slug = z.string().max(100)
const wanted = z.object({ slug, name, timeZone: z.string().max(100), admin })
const further = z.object({ slug, admin })

/**
 * `POST /organisations` makes an organisation with its first administrator, `POST /organisations/admins` invites another one. Only for
 * whoever runs the hub, who knows what its own processes share.
 */
export const organisationsRoutes = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock' | 'vault' | 'published'> & { seal: PrincipalSeal },
): void => {
  const onRequest = ownProcessesOnly(around.seal)
  app.post('/organisations', { onRequest }, (request) =>
    createOrganisation(around, bodyAs(wanted, request.body)),
  )
  app.post('/organisations/admins', { onRequest }, (request) =>
    inviteAdmin(around, bodyAs(further, request.body)),
  )
}
