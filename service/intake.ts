import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sleep } from '#kernel/clock.ts'
import { define, Unauthenticated, Unavailable } from '#kernel/errors.ts'
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

/** A message is not from whom it says it is. */
export const SignatureRefused = define('HUB_WEBHOOK_REFUSED', {
  status: 401,
  retry: 'never',
  says: 'The signature of this webhook is not right. Check the secret it is signed with, the address it was signed for, and the clock.',
})

const MOST_BYTES = 4 << 20

/** How messages are taken at some addresses. What `admit` answers is handed to `take`. */
export interface IntakeRoutes<T> {
  urls: readonly string[]
  /** Before the body is read: a stranger gets nothing of ours to hold. */
  admit(request: FastifyRequest, intake: Intake): Promise<T> | T
  take(request: FastifyRequest, body: Buffer, admitted: T): Promise<unknown>
}

/** Opens addresses that strangers post raw bytes to. */
export const intakeRoutes = <T>(
  app: FastifyInstance,
  seal: PrincipalSeal,
  { urls, admit, take }: IntakeRoutes<T>,
): void => {
  const admitted = new WeakMap<FastifyRequest, { as: T }>()
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_, body, done) =>
      done(null, body),
    )
    for (const url of urls)
      scope.route({
        method: 'POST',
        url,
        onRequest: async (request) => {
          admitted.set(request, { as: await admit(request, await intakeOf(request, seal)) })
        },
        handler: (request) => {
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          return take(request, body, (admitted.get(request) as { as: T }).as)
        },
      })
  })
}

/** Vendors wait five seconds or longer. Whether or not the work is done then, they send again, and that does no harm. */
const ANSWER_WITHIN_MS = 4_000

/** @throws HUB_UNAVAILABLE when it takes longer than whoever sent it waits */
export const inTime = async (taking: Promise<void>): Promise<void> => {
  const done = new AbortController()
  const late = sleep(ANSWER_WITHIN_MS, done.signal).then(() => {
    if (!done.signal.aborted) throw Unavailable.with({ what: 'The intake of webhooks' })
  })
  try {
    await Promise.race([taking, late])
  } finally {
    done.abort()
  }
}
