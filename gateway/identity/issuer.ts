import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose'
import type { Clock } from '#kernel/clock.ts'

/** Issues tokens for the demo, where no identity provider is configured. */
export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly jwks: JSONWebKeySet
  /** @param options.seconds how long it is valid, 8 hours by default */
  issue(options: {
    role: string
    org: string
    name?: string
    subject?: string
    seconds?: number
  }): Promise<string>
}

export const DEMO_ISSUER = 'https://tributary.example/demo'
export const AUDIENCE = 'tributary'
const EIGHT_HOURS = 8 * 3600

/** Opens the local issuer. Its key pair lies in the home, readable by its owner only, and is made when it is absent. */
export const openIssuer = async (options: { home: string; clock: Clock }): Promise<Issuer> => {
  const pair = await keyPair(join(options.home, 'issuer'))
  const kid = await calculateJwkThumbprint(pair)
  const key = await importJWK(pair, 'ES256')
  const { d: _, ...open } = pair
  return {
    issuer: DEMO_ISSUER,
    audience: AUDIENCE,
    jwks: { keys: [{ ...open, kid, alg: 'ES256', use: 'sig' }] },
    issue: ({ role, org, name, subject, seconds = EIGHT_HOURS }) => {
      const now = Math.floor(options.clock.now().getTime() / 1000)
      return new SignJWT({ name: name ?? `Demo ${role}`, org, roles: [role] })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setSubject(subject ?? `demo:${role}`)
        .setIssuer(DEMO_ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + seconds)
        .sign(key)
    },
  }
}

const keyPair = async (folder: string): Promise<JWK> => {
  const file = join(folder, 'key.json')
  const made = `${file}.${process.pid}`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (;;) {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as JWK
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    writeFileSync(made, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600 })
    try {
      // Linking fails when another process was first; then its key is the one to use.
      linkSync(made, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(made, { force: true })
    }
  }
}
