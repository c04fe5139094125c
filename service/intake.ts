import type { FastifyRequest } from 'fastify'
import { Unauthenticated } from '#kernel/errors.ts'
import { INTAKE, INTAKE_HEADERS, type PrincipalSeal } from '#kernel/principal.ts'
import { systemCaller } from './requests.ts'

/** A stranger's raw request, as the gateway's intake door handed it on. */
export interface Intake {
  /** The whole public address it was sent to, with its query as it was written. */
  url: string
  /** The network address it came from. */
  address: string
}

/** What the intake door tells of a request. @throws UNAUTHENTICATED when anybody else sends it */
export const intakeOf = async (request: FastifyRequest, seal: PrincipalSeal): Promise<Intake> => {
  const caller = await systemCaller(request, seal)
  const { [INTAKE_HEADERS.url]: url, [INTAKE_HEADERS.address]: address } = request.headers
  if (caller.id !== INTAKE.id || typeof url !== 'string' || !URL.canParse(url)) throw Unauthenticated.with()
  return { url, address: typeof address === 'string' ? address : '' }
}
