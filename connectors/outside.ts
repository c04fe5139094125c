/** What the world can have, and what only a network of machines has. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { AddressInside } from './contract.ts'
import { type Reach, type Resolve, reachOnly } from './reach.ts'

/** Networks that nobody outside has: what answers there was not meant for us, such as a cloud's own data about the machine. */
const INSIDE = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  INSIDE.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  INSIDE.addSubnet(network, bits, 'ipv6')

/** Whether a network address is one that the world can have. An IPv4 address in the clothes of an IPv6 one is judged as itself. */
export const isOutside = (address: string): boolean => {
  if (!isIP(address)) return false
  return !INSIDE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * How addresses of strangers are reached: what a name leads to has to be outside in the moment in which it is connected to, and an address that is
 * written as a number at once. Make one, and reach all of them by it: connections are kept by it.
 * @param isInside whether they may lie inside, as on a developer's machine
 */
export const reachStrangers = (
  vendor: string,
  { isInside = false, resolve }: { isInside?: boolean | undefined; resolve?: Resolve | undefined } = {},
): ((url: string) => Reach | undefined) => {
  const reach = reachOnly((found) => (isOutside(found) ? undefined : AddressInside.with({ vendor })), resolve)
  return (url) => {
    if (isInside) return undefined
    // Nothing is looked up of an address: whoever connects to it would not be asked.
    const host = hostOf(url)
    if (isIP(host) && !isOutside(host)) throw AddressInside.with({ vendor })
    return reach
  }
}

/** The host of an address, however it is written: of an address in figures the usual way to write it. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '')

/**
 * How an address is reached that whoever runs the hub has named. One that is itself a machine inside is meant so; what a name leads to has to be
 * outside, in the moment in which it is connected to: names are others' to change.
 * @param isInside whether they said that it lies inside
 * @returns undefined when it is called wherever it is
 */
export const reachNamed = (
  vendor: string,
  {
    url,
    isInside = false,
    resolve,
  }: { url: string; isInside?: boolean | undefined; resolve?: Resolve | undefined },
): Reach | undefined => {
  const host = hostOf(url)
  if (isIP(host) || host === 'localhost') return undefined
  const mayBe = (found: string) => isInside || isOutside(found)
  return reachOnly((found) => (mayBe(found) ? undefined : AddressInside.with({ vendor })), resolve)
}
