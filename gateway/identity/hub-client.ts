import { createHash } from 'node:crypto'
import type { Clock } from '#kernel/clock.ts'
import { Forbidden, Unauthenticated, Unavailable } from '#kernel/errors.ts'
import type { Principal } from '#kernel/principal.ts'
import { askHub, type HubPlace } from '../asking-hub.ts'

/** What a checked token says about a person: `org` is the organisation's slug. */
export interface User {
  id: string
  name: string
  org: string
  roles: readonly string[]
}

/** `POST /identify` of the hub subgraph: who a key, a session or a person is, and what they may do. */
export type IdentifyRequest = { apiKey: string } | { session: string } | { user: User }

/** Its answer with 200. 401: no such key or session, or revoked. 403: no such organisation, or not a member. */
export interface Identified {
  principal: Principal
  name: string
  roles: string[]
  organisation: { id: string; slug: string; name: string }
  /** How much they may ask for; nothing is limited where hub does not tell. */
  limits?: {
    pointsPerMinute: number
    organisationPointsPerMinute: number
    subscriptions: number
    organisationSubscriptions: number
  }
  /** When a key or a session ends by itself, as ISO 8601. Absent when it does not. */
  expiresAt?: string
}

export interface HubClient {
  /** @throws UNAUTHENTICATED or FORBIDDEN as hub says; HUB_UNAVAILABLE when it does not answer */
  identify(request: IdentifyRequest): Promise<Identified>
  /** Remembers nothing of a principal any more: hub has said that their rights are others now. */
  forget(id: string): void
}

const KEPT_MS = 10_000
const TRUSTED_WITHOUT_HUB_MS = 60_000
const MOST_KEPT = 10_000

interface Kept {
  at: number
  answer: Promise<Identified>
  /** Hub's last good answer, and when it was given. */
  good?: { at: number; identified: Identified }
}

/**
 * Asks hub, and remembers each answer, a refusal included, for 10 seconds. While hub does not answer, its last good
 * answer counts for a minute, so that one part being restarted does not lock everybody out of the others. A key is
 * remembered by its hash only.
 */
export const openHubClient = (options: HubPlace & { clock: Clock }): HubClient => {
  const kept = new Map<string, Kept>()
  // A person is the same object for as long as their token is remembered.
  const ids = new WeakMap<User, string>()
  const idOf = (request: IdentifyRequest): string => {
    const known = 'user' in request ? ids.get(request.user) : undefined
    if (known) return known
    const id = createHash('sha256').update(JSON.stringify(request)).digest('base64url')
    if ('user' in request) ids.set(request.user, id)
    return id
  }
  const ask = async (request: IdentifyRequest): Promise<Identified> => {
    let response: Response
    try {
      response = await askHub(options, '/identify', request)
      if (response.ok) return (await response.json()) as Identified
      await response.body?.cancel()
    } catch (cause) {
      throw Unavailable.with({ what: 'Signing in' }, { cause })
    }
    if (response.status === 401) throw Unauthenticated.with()
    if (response.status === 403) throw Forbidden.with()
    throw Unavailable.with({ what: 'Signing in' })
  }
  return {
    forget: (id) => {
      // What is still being asked may have been answered before.
      for (const [asked, { good }] of kept)
        if (!good || good.identified.principal.id === id) kept.delete(asked)
    },
    identify: (request) => {
      const id = idOf(request)
      const now = options.clock.now().getTime()
      const found = kept.get(id)
      if (found && now >= found.at && now - found.at < KEPT_MS) return found.answer
      const good = found?.good
      const answer = ask(request).catch((error: unknown) => {
        if (Unavailable.is(error) && good && now - good.at < TRUSTED_WITHOUT_HUB_MS) return good.identified
        throw error
      })
      if (kept.size >= MOST_KEPT) kept.clear()
      const entry: Kept = { at: now, answer, ...(good ? { good } : {}) }
      kept.set(id, entry)
      answer.then(
        (identified) => {
          if (identified !== good?.identified) entry.good = { at: now, identified }
        },
        (error) => {
          // Hub not answering says nothing about the caller: the next one asks again. A refusal is its last word.
          if (Unavailable.is(error)) entry.at = Number.NEGATIVE_INFINITY
          else delete entry.good
        },
      )
      return answer
    },
  }
}
