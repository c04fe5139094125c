import { createHmac } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'
import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'

/** A sign-in that waits for the identity provider's answer. */
export interface Begun {
  state: string
  nonce: string
  verifier: string
  /** Where to go after it. */
  to: string
  /** The organisation that is wished for. */
  org?: string | undefined
}

/** For how long the identity provider may take. */
export const BEGUN_SECONDS = 600
const PURPOSE = 'tributary:sign-in'

const claims = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  to: z.string(),
  org: z.string().optional(),
})

/** Seals what a browser keeps while its person is at the identity provider: any gateway of the hub can take the answer. */
export const sealBegun = (secret: string, clock: Clock) => {
  const key = createHmac('sha256', secret).update(PURPOSE).digest()
  return {
    seal: (begun: Begun): Promise<string> =>
      new EncryptJWT({ ...begun })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(PURPOSE)
        .setExpirationTime(Math.floor(clock.now().getTime() / 1000) + BEGUN_SECONDS)
        .encrypt(key),
    /** Undefined for what we have not sealed, and for what is too old. */
    open: async (sealed: string): Promise<Begun | undefined> => {
      try {
        const options = { audience: PURPOSE, currentDate: clock.now(), keyManagementAlgorithms: ['dir'] }
        return claims.parse((await jwtDecrypt(sealed, key, options)).payload)
      } catch {
        return undefined
      }
    },
  }
}
