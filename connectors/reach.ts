/**
 * Where calls lead: connections that are kept alive, to addresses that are judged in the moment in which one is made.
 *
 * A name that is looked up, judged, and then called may lead elsewhere by then: whoever has the name decides. So there is one look-up for
 * each connection, what it says is judged, and that is what is connected to.
 */
import { lookup } from 'node:dns'
import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import type { LookupFunction } from 'node:net'

/** How a name becomes the addresses of a machine, as `lookup` of node:dns. */
export type Resolve = (
  name: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6' | undefined; hints?: number | undefined },
  done: (error: NodeJS.ErrnoException | null, found: { address: string; family: number }[]) => void,
) => void

/** How names are looked up for a connection, which is made to none but what it answers. */
export type Reach = LookupFunction

/**
 * Lets connections be made only to where all of a name's addresses may be called: otherwise whoever asks is told why, and nobody is called.
 * An address in the place of a name is not looked up: its owner judges it.
 * @param judge why an address is not called; undefined when it may be
 */
export const reachOnly =
  (judge: (address: string) => Error | undefined, resolve: Resolve = lookup): Reach =>
  (name, { all, ...options }, done) =>
    resolve(name, { ...options, all: true }, (error, found) => {
      const refused = found?.map(({ address }) => judge(address)).find((why) => why !== undefined)
      const [first] = found ?? []
      if (error || refused || !first) done(error ?? refused ?? new Error(`${name} has no address`), '')
      else if (all) done(null, found)
      else done(null, first.address, first.family)
    })

/** Shorter than vendors keep what nobody uses, so that it is not met while they close it. */
const IDLE_MS = 4_000

const agentsWith = (reach?: Reach) => {
  const options = { keepAlive: true, scheduling: 'lifo' as const, timeout: IDLE_MS }
  const all = reach ? { ...options, lookup: reach } : options
  return { 'http:': new PlainAgent(all), 'https:': new SecureAgent(all) }
}

const anywhere = agentsWith()
const guarded = new WeakMap<Reach, ReturnType<typeof agentsWith>>()

/** The connections that there are, for a way to reach others. @throws what is no address of a web server */
export const agentOf = ({ protocol }: URL, reach?: Reach): PlainAgent | SecureAgent => {
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${protocol} is not called`)
  const agents = reach ? (guarded.get(reach) ?? agentsWith(reach)) : anywhere
  if (reach) guarded.set(reach, agents)
  return agents[protocol]
}
