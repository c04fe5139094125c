import { createHmac, randomUUID } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import { Unavailable } from '#kernel/errors.ts'
import type { Principal } from '#kernel/principal.ts'
import { askHub, type HubPlace } from './asking-hub.ts'
import { digest } from './digest.ts'
import { ConfirmRefused, ConfirmSpent } from './errors.ts'

/** What exactly somebody was shown a plan of. */
export interface Confirmable {
  query: string
  operationName?: string | undefined
  variables: Record<string, unknown>
  principal: Principal
}

/** The parts of the graph in the order they are asked, each with the hash of what it would do. */
export type PlannedParts = readonly (readonly [part: string, hash: string])[]

export interface Confirmations {
  /** A token for ten minutes that confirms this plan of this request by this caller, once. */
  issue(asked: Confirmable, parts: PlannedParts): Promise<{ token: string; expiresAt: string }>
  /** What a token confirms. It is not used by that. @throws CONFIRM_REFUSED when it is not of this request and caller, or over */
  read(token: string, asked: Confirmable): Promise<Confirmation>
  /** Uses it up. @throws CONFIRM_SPENT when it was used before; HUB_UNAVAILABLE when hub cannot tell */
  spend(confirmation: Confirmation): Promise<void>
}

export interface Confirmation {
  id: string
  orgId: string
  expiresAt: Date
  parts: PlannedParts
}

const VALID_SECONDS = 600
const ISSUER = 'tributary:confirm'

const claims = z.object({
  jti: z.string(),
  exp: z.number(),
  asked: z.string(),
  parts: z.array(z.tuple([z.string(), z.string()])),
})

/** Opens the tokens by which people confirm plans. Hub keeps which of them were used. */
export const openConfirmations = (options: HubPlace & { secret: string; clock: Clock }): Confirmations => {
  const { clock } = options
  // A key of its own, so that no token of another purpose could ever pass for one of these, nor the other way round.
  const key = createHmac('sha256', options.secret).update(ISSUER).digest()
  return {
    issue: async (asked, parts) => {
      const seconds = Math.floor(clock.now().getTime() / 1000)
      const token = await new SignJWT({ asked: digestOf(asked), parts })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setJti(randomUUID())
        .setExpirationTime(seconds + VALID_SECONDS)
        .sign(key)
      return { token, expiresAt: new Date((seconds + VALID_SECONDS) * 1000).toISOString() }
    },
    read: async (token, asked) => {
      const options = { algorithms: ['HS256'], issuer: ISSUER, currentDate: clock.now() }
      const verified = await jwtVerify(token, key, options).catch((cause: unknown) => {
        throw ConfirmRefused.with({}, { cause })
      })
      const read = claims.safeParse(verified.payload)
      if (!read.success || read.data.asked !== digestOf(asked)) throw ConfirmRefused.with()
      const { jti, exp, parts } = read.data
      return { id: jti, orgId: asked.principal.orgId as string, expiresAt: new Date(exp * 1000), parts }
    },
    spend: async ({ id, orgId, expiresAt }) => {
      const spent = { id, orgId, expiresAt: expiresAt.toISOString() }
      const response = await askHub(options, '/confirmations', spent).catch((cause: unknown) => {
        throw Unavailable.with({ what: 'Confirming' }, { cause })
      })
      await response.body?.cancel()
      if (response.status === 409) throw ConfirmSpent.with()
      if (!response.ok) throw Unavailable.with({ what: 'Confirming' })
    },
  }
}

const digestOf = ({ query, operationName, variables, principal }: Confirmable): string => {
  const { kind, id, orgId } = principal
  const whole = [query, operationName ?? null, variables, kind, id, orgId]
  return digest(whole)
}
