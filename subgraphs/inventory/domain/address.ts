import { BlockList, isIP, isIPv6 } from 'node:net'

/** Why an address is not called. */
export type AddressFault = 'no address' | 'not https' | 'more than an address' | 'inside'

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
 * Reads where somebody says that a C3 is.
 * @param own origins that whoever runs the hub has named: those are called wherever they are
 * @returns the address without what does not belong to it, and its host's name; or what is wrong with it
 */
export const readAddress = (
  asked: string,
  own: readonly string[],
): { baseUrl: string; host: string; isOwn: boolean } | AddressFault => {
  const text = asked.trim()
  if (!URL.canParse(text)) return 'no address'
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'no address'
  if (url.username || url.password || url.search || url.hash) return 'more than an address'
  const baseUrl = `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isOwn = own.some((one) => URL.canParse(one) && new URL(one).origin === url.origin)
  if (!isOwn && url.protocol !== 'https:') return 'not https'
  // A name that is an address is judged at once; another one when it is looked up.
  if (!isOwn && isIP(host) && !isOutside(host)) return 'inside'
  return { baseUrl, host, isOwn }
}
