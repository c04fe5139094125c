import type { FastifyInstance } from 'fastify'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'
import { levelsNow } from '../commands/levels-now.ts'
import type { Context } from '../context.ts'

/** `GET /log-levels`: from which level on areas of the log are written. Only for the hub's own processes, which ask every few seconds. */
export const logLevelsRoute = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal },
): void => {
  app.route({
    method: 'GET',
    url: '/log-levels',
    onRequest: async (request) => {
      await systemCaller(request, around.seal)
    },
    handler: () => levelsNow(around),
  })
}
