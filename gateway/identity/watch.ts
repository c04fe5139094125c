import type { Clock } from '#kernel/clock.ts'
import { type HubError, isHubError } from '#kernel/errors.ts'
import type { Caller, Credential, Identity } from './index.ts'
import { textOf } from './principal-text.ts'

/** Something that stays open for somebody: a socket, or a stream of events. */
export interface Held {
  caller: Caller
  credential: Credential | undefined
  /** The credential has run out or means other rights now (undefined), or is refused (the reason). */
  over(why: HubError | undefined): void
}

export interface CredentialWatch extends Disposable {
  /** Watches over it. Answers how to stop that. */
  watch(held: Held): () => void
  /** Looks at once at all that is open for a principal. */
  look(id: string): void
}

const SWEEP_MS = 1_000
/** Whoever was revoked keeps what is open no longer than this and what hub's answers are remembered for. */
const RECHECK_MS = 10_000

/** One caller with one set of rights. */
export const keyOf = (caller: Caller): string => textOf(caller.principal)

/** Looks again and again whether those for whom something is open may still have it. */
export const watchCredentials = ({
  identity,
  clock,
}: {
  identity: Identity
  clock: Clock
}): CredentialWatch => {
  const all = new Map<Held, { checkedAt: number }>()
  const recheck = async (held: Held): Promise<void> => {
    try {
      const again = await identity.identify(held.credential)
      // Other rights than it was opened with: the client opens a new one with those it has now.
      if (keyOf(again) !== keyOf(held.caller)) held.over(undefined)
    } catch (error) {
      if (isHubError(error) && error.status < 500) held.over(error)
    }
  }
  const sweep = setInterval(() => {
    const now = clock.now().getTime()
    for (const [held, seen] of all) {
      const { expiresAt } = held.caller
      if (expiresAt && expiresAt.getTime() <= now) held.over(undefined)
      else if (Math.abs(now - seen.checkedAt) >= RECHECK_MS) {
        seen.checkedAt = now
        void recheck(held)
      }
    }
  }, SWEEP_MS)
  return {
    watch: (held) => {
      all.set(held, { checkedAt: clock.now().getTime() })
      return () => all.delete(held)
    },
    look: (id) => {
      for (const held of all.keys()) if (held.caller.principal.id === id) void recheck(held)
    },
    [Symbol.dispose]: () => clearInterval(sweep),
  }
}
