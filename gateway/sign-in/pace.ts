/** How often a network may try to sign in, so that nobody keeps the identity provider and hub busy, who are asked for each. */
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'
import { TooManySignIns } from '../errors.ts'

const WINDOW_MS = 60_000
const MOST_NETWORKS = 20_000

export interface Pace {
  /** Counts a try from an address. @throws TOO_MANY_SIGN_INS */
  take(address: string): void
}

/** Counts in this gateway's memory, minute by minute. @param most tries of a network in a minute */
export const openPace = ({ clock, most }: { clock: Clock; most: number }): Pace => {
  const tries = new LRUCache<string, { since: number; count: number }>({ max: MOST_NETWORKS })
  return {
    take: (address) => {
      const network = networkOf(address)
      const now = clock.now().getTime()
      const known = tries.get(network)
      const isOpen = known !== undefined && now >= known.since && now - known.since < WINDOW_MS
      const counted = isOpen ? known : { since: now, count: 0 }
      if (counted.count >= most) {
        const after = new Date(counted.since + WINDOW_MS)
        const seconds = Math.max(1, Math.ceil((after.getTime() - now) / 1000))
        throw TooManySignIns.with({ seconds }, { after })
      }
      counted.count += 1
      tries.set(network, counted)
    },
  }
}

/** Whom an address belongs to, as far as it shows: of IPv6 whoever has one address has the 2^64 beside it. */
export const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const groups = (text: string) => (text ? text.split(':') : [])
  const [before, behind] = [groups(head), groups(tail ?? '')]
  const gap =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - behind.length)).fill('0')
  const first = [...before, ...gap, ...behind].slice(0, 4)
  return `${first.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
