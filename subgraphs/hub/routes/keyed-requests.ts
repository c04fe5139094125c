import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'
import { claimRequest } from '../commands/claim-request.ts'
import { settleRequest } from '../commands/settle-request.ts'
import type { Context } from '../context.ts'

const attempt = z.object({
  orgId: z.uuid(),
  whoKind: z.string().min(1).max(20),
  whoId: z.string().min(1).max(200),
  keyHash: z.string().length(43),
  attempt: z.uuid(),
})
const claim = attempt.extend({ asked: z.string().length(43), leaseMs: z.int().min(0).max(600_000) })
const settlement = attempt.extend({
  end: z.union([z.literal('GIVEN_UP'), z.object({ answer: z.string().max(2_000_000).nullable() })]),
})

/**
 * `POST /keyed-requests/claim` and `/settle`: changes that have a key, made once. Only for the hub's own processes. The answer
 * to a claim says whether it is the caller's to do, somebody else's at the moment, done already, or another request.
 */
export const keyedRequestsRoutes = (
  app: FastifyInstance,
  around: Pick<Context, 'db' | 'clock'> & { seal: PrincipalSeal },
): void => {
  const onRequest = async (request: Parameters<typeof systemCaller>[0]) => {
    await systemCaller(request, around.seal)
  }
  app.post('/keyed-requests/claim', { onRequest }, (request) =>
    claimRequest(around, read(claim, request.body)),
  )
  app.post('/keyed-requests/settle', { onRequest }, async (request, reply) => {
    const { end, ...key } = read(settlement, request.body)
    await settleRequest(around, key, end)
    return reply.code(204).send()
  })
}

const read = <T>(shape: z.ZodType<T>, body: unknown): T => {
  const read = shape.safeParse(body)
  // Not in zod's words: they could quote the answer.
  if (!read.success) throw BadInput.with({ field: 'body', reason: 'is not what this address takes' })
  return read.data
}
