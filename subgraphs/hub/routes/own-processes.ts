import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from '#service/requests.ts'

/** A hook that lets only the hub's own processes through. */
export const ownProcessesOnly = (seal: PrincipalSeal) => async (request: FastifyRequest) => {
  await systemCaller(request, seal)
}

/** A body as a route takes it. @throws BAD_INPUT, not in zod's words: they could quote whom it is about */
export const bodyAs = <T>(shape: z.ZodType<T>, body: unknown): T => {
  const read = shape.safeParse(body)
  if (!read.success) throw BadInput.with({ field: 'body', reason: 'is not what this address takes' })
  return read.data
}
