/**
 * address   where calls come from: one host (198.51.100.7) or a network (198.51.100.0/28), of either version of IP
 *
 * Private and documentation networks are as good as others: a trunk may lie behind a private line.
 */
import { BlockList, isIP } from 'node:net'

/** Nobody has a wider network for one trunk alone; a slip of the pen, such as /0, would claim everybody's. */
export const SHORTEST_MASK = { 4: 16, 6: 48 } as const
const HOST_MASK = { 4: 32, 6: 128 } as const
export const MOST_ADDRESSES = 100

interface Parsed {
  version: 4 | 6
  host: string
  mask: number
}

/** What a text is as an address: in the one form that equal ones share, or what is wrong with it, to follow the field's name. */
export const readAddress = (text: string): { address: string } | { problem: string } => {
  const parsed = parse(text.trim())
  if (!parsed) return { problem: 'is no IP address, nor a network such as 198.51.100.0/28' }
  const { version, mask } = parsed
  const host = canonical(parsed)
  if (version === 6 && host.startsWith('::ffff:'))
    return { problem: 'is an IPv4 address in the clothes of IPv6: write it as IPv4' }
  if (mask === HOST_MASK[version]) return { address: host }
  if (mask < SHORTEST_MASK[version])
    return { problem: `is too wide a network: at least /${SHORTEST_MASK[version]}` }
  const start = startOf({ ...parsed, host })
  if (start !== host)
    return { problem: `is no network but a host in one: write ${start}/${mask}, or ${host} alone` }
  return { address: `${host}/${mask}` }
}

/** The first two addresses of a list, by their places, of which one lies in the other. */
export const overlapWithin = (addresses: readonly string[]): [number, number] | null => {
  const widestFirst = addresses
    .map((address, place) => ({ place, ...(parse(address) as Parsed) }))
    .sort((a, b) => a.mask - b.mask || a.place - b.place)
  for (const [n, wide] of widestFirst.entries()) {
    const net = new BlockList()
    net.addSubnet(wide.host, wide.mask, `ipv${wide.version}`)
    const inside = widestFirst
      .slice(n + 1)
      .find(({ version, host }) => version === wide.version && net.check(host, `ipv${version}`))
    if (inside) return wide.place < inside.place ? [wide.place, inside.place] : [inside.place, wide.place]
  }
  return null
}

const parse = (text: string): Parsed | null => {
  const [, host = '', mask] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(host) as 0 | 4 | 6
  if (version === 0) return null
  const bits = mask === undefined ? HOST_MASK[version] : Number(mask)
  return bits <= HOST_MASK[version] ? { version, host, mask: bits } : null
}

/** As PostgreSQL writes it. */
const canonical = ({ version, host }: Parsed): string =>
  version === 4 ? host : new URL(`http://[${host}]`).hostname.slice(1, -1)

/** The first address of the network that a host lies in. */
const startOf = ({ version, host, mask }: Parsed): string => {
  const [width, radix, sign] = version === 4 ? [8, 10, '.'] : [16, 16, ':']
  const groups = version === 4 ? host.split('.') : spread(host)
  const kept = groups.map((group, n) => {
    const bits = Math.min(width, Math.max(0, mask - n * width))
    return (Number.parseInt(group, radix) & ~(2 ** (width - bits) - 1)).toString(radix)
  })
  return canonical({ version, host: kept.join(sign), mask })
}

/** The eight groups of an IPv6 address. */
const spread = (host: string): string[] => {
  const [head = '', tail] = host.split('::')
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'))
  if (tail === undefined) return groupsOf(head)
  const [before, after] = [groupsOf(head), groupsOf(tail)]
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after]
}
