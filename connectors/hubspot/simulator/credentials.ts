import { randomBytes } from 'node:crypto'
import { type RefreshClaims, readRefreshToken, refreshTokenOf, type SimulatedApp } from './app.ts'
import type { Behaviour } from './behaviour.ts'

/** A credential and whose it is. */
export interface Token {
  /** A portal's own token, or one that was granted to the app. */
  kind: 'private-app' | 'oauth'
  portal: string
  scopes: readonly string[] | 'all'
  userId: number
  /** Refused from this instant on, base-clock milliseconds; Infinity while it is good. */
  expiresAt: number
  /** Good again from this instant on. */
  goodFrom: number
}

/** What consent has given, until it is exchanged. */
export interface AuthorizationCode {
  portal: string
  redirectUri: string
  scopes: string[]
  userId: number
  expiresAt: number
  /** Of the verifier that the exchange must bring, when the caller has sent one. */
  challenge?: string
}

/** One portal that has the app, or had it. */
export interface Install {
  portal: string
  scopes: string[]
  installedAt: number
  uninstalledAt: number | null
}

/** Every token, code and install the simulator knows. Times are those of the base clock: a skewed vendor frees no token. */
export class Credentials {
  readonly app: SimulatedApp
  readonly installs = new Map<string, Install>()
  readonly #behaviour: Behaviour
  readonly #now: () => number
  readonly #tokens = new Map<string, Token>()
  readonly #codes = new Map<string, AuthorizationCode>()
  readonly #revoked = new Set<string>()
  // Of a portal whose administrator has taken scopes from the app: those that are left.
  readonly #left = new Map<string, readonly string[]>()
  // Of a portal that has revoked what it had given: the refresh tokens it has given since.
  readonly #onlyThese = new Map<string, Set<string>>()

  constructor(app: SimulatedApp, behaviour: Behaviour, now: () => number) {
    this.app = app
    this.#behaviour = behaviour
    this.#now = now
  }

  /** Lets a portal's own token in. */
  addPrivate(token: string, portal: string, scopes: readonly string[] | 'all' = 'all'): void {
    const never = Number.POSITIVE_INFINITY
    this.#tokens.set(token, {
      kind: 'private-app',
      portal,
      scopes,
      userId: userOf(),
      expiresAt: never,
      goodFrom: never,
    })
  }

  find = (token: string): Token | undefined => this.#tokens.get(token)
  isExpired = (token: Token): boolean => this.#now() >= token.expiresAt && this.#now() < token.goodFrom
  list = (): [string, Token][] => [...this.#tokens]
  secondsLeft = (token: Token): number => Math.max(0, Math.round((token.expiresAt - this.#now()) / 1000))

  /** Refuses every token of a portal from now on, or for a while. */
  expire(portal: string, forMs?: number): void {
    const now = this.#now()
    const goodFrom = forMs === undefined ? Number.POSITIVE_INFINITY : now + forMs
    for (const token of this.#tokens.values())
      if (token.portal === portal) Object.assign(token, { expiresAt: now, goodFrom })
  }
  /** Makes a portal's own tokens good again. */
  renew(portal: string): void {
    for (const [name, token] of this.#tokens)
      if (token.portal === portal && token.kind === 'private-app') this.addPrivate(name, portal, token.scopes)
  }
  /** Says what a portal's own token may do. */
  restrict(token: string, scopes: readonly string[] | 'all'): boolean {
    const found = this.#tokens.get(token)
    if (found !== undefined) found.scopes = scopes
    return found !== undefined
  }

  /** Leaves the app fewer scopes in a portal than were granted: in the tokens it has and in those it will be given. */
  narrow(portal: string, scopes: readonly string[]): void {
    this.#left.set(portal, scopes)
    for (const token of this.#tokens.values())
      if (token.portal === portal && token.kind === 'oauth' && token.scopes !== 'all')
        token.scopes = token.scopes.filter((scope) => scopes.includes(scope))
  }

  /** Keeps what somebody has consented to and answers the code for it. */
  consent(given: Omit<AuthorizationCode, 'expiresAt' | 'userId'>): string {
    const code = `na1-${randomBytes(16).toString('hex')}`
    const expiresAt = this.#now() + this.#behaviour.authorizationCodeSeconds * 1000
    this.#codes.set(code, { ...given, userId: userOf(), expiresAt })
    return code
  }
  /** What a code stands for; it is used up by being asked for. */
  takeCode(code: string): AuthorizationCode | undefined {
    const found = this.#codes.get(code)
    this.#codes.delete(code)
    return found !== undefined && this.#now() < found.expiresAt ? found : undefined
  }

  /** Installs the app and answers the refresh token of it. */
  install({ portal, scopes, userId }: Pick<AuthorizationCode, 'portal' | 'scopes' | 'userId'>): string {
    this.#left.delete(portal)
    this.installs.set(portal, { portal, scopes, installedAt: this.#now(), uninstalledAt: null })
    return this.#refresh({ portal, scopes, userId })
  }
  /** Takes the app out of a portal: its tokens are dead at once, the refresh tokens too. */
  uninstall(portal: string): void {
    const install = this.installs.get(portal) ?? { portal, scopes: [], installedAt: this.#now() }
    this.installs.set(portal, { ...install, uninstalledAt: this.#now() })
    this.revokeAll(portal)
    for (const [name, token] of this.#tokens)
      if (token.portal === portal && token.kind === 'oauth') this.#tokens.delete(name)
  }
  /** Whether the app was in a portal and has been taken out. */
  isUninstalled = (portal: string): boolean => this.installs.get(portal)?.uninstalledAt != null

  /** A new access token for what a refresh token grants. */
  issue({ portal, scopes, userId }: Pick<RefreshClaims, 'portal' | 'scopes' | 'userId'>): string {
    this.#forgetOld()
    const token = `C${randomBytes(48).toString('base64url')}`
    const left = this.#left.get(portal)
    this.#tokens.set(token, {
      kind: 'oauth',
      portal,
      scopes: left === undefined ? scopes : scopes.filter((scope) => left.includes(scope)),
      userId,
      expiresAt: this.#now() + this.#behaviour.accessTokenSeconds * 1000,
      goodFrom: Number.POSITIVE_INFINITY,
    })
    return token
  }
  // A long run must not keep every token it ever gave; those of the last hour still say that they have expired.
  #forgetOld(): void {
    const before = this.#now() - 3_600_000
    for (const [name, token] of this.#tokens)
      if (token.kind === 'oauth' && token.expiresAt < before) this.#tokens.delete(name)
  }

  /** What a refresh token grants; undefined when it is a stranger's, revoked, or its portal has removed the app. */
  readRefresh(token: string): RefreshClaims | undefined {
    const claims = readRefreshToken(this.app, token)
    if (claims === undefined || this.#revoked.has(token)) return undefined
    return this.#onlyThese.get(claims.portal)?.has(token) === false ? undefined : claims
  }
  /** Another refresh token for the same grant; the one before is dead. */
  rotate(token: string, claims: RefreshClaims): string {
    this.#revoked.add(token)
    return this.#refresh(claims)
  }
  /** Revokes a refresh token. Access tokens that were issued for it live on. */
  revoke(token: string): void {
    this.#revoked.add(token)
  }
  /** Revokes every refresh token that a portal has given until now. */
  revokeAll(portal: string): void {
    this.#onlyThese.set(portal, new Set())
  }

  #refresh({ portal, scopes, userId }: Pick<RefreshClaims, 'portal' | 'scopes' | 'userId'>): string {
    const nonce = randomBytes(6).toString('hex')
    const token = refreshTokenOf(this.app, { portal, scopes, userId, nonce })
    this.#onlyThese.get(portal)?.add(token)
    return token
  }
}

/** The user who installs apps in a simulated portal. */
const userOf = (): number => 5_500
