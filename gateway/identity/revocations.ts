import { CursorExpired } from '#events/expired.ts'
import { readFeed } from '#events/feed-client.ts'
import { repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import type { Identity } from './index.ts'
import type { CredentialWatch } from './watch.ts'

/** What hub tells of somebody whose rights are not what they were. Its key is the principal's id. */
const NAMES = ['hub.key.changed', 'hub.key.revoked', 'hub.member.changed', 'hub.session.ended'] as const
const REST_MS = 1_000

/**
 * Has what somebody holds open looked at as soon as hub says that their rights are others now. What is not heard because hub was
 * away is found out by the looks that the watch takes by itself.
 */
export const followRevocations = (options: {
  hubUrl: string
  identity: Identity
  watch: CredentialWatch
  seal: PrincipalSeal
  log: Log
}): AsyncDisposable => {
  const { hubUrl: url, identity, watch, seal, log } = options
  const feed = { url, source: 'hub', reader: 'gateway', seal }
  let place: { position: number; stamp?: string | undefined } | undefined
  const changed = (id: string): void => {
    identity.forget(id)
    watch.look(id)
  }
  const round = async (signal: AbortSignal): Promise<void> => {
    for await (const stretch of readFeed(feed, {
      after: place?.position,
      stamp: place?.stamp,
      names: NAMES,
      signal,
    })) {
      for (const { key } of stretch.events) changed(key)
      if (stretch.position > 0) place = { position: stretch.position, stamp: stretch.stamp }
    }
  }
  return repeat(round, {
    everyMs: REST_MS,
    failed: (error) => {
      if (CursorExpired.is(error)) place = undefined
      log.debug({ err: error }, 'what hub tells of keys and members is not heard for the moment')
    },
  })
}
