import { isIP } from 'node:net'

/** Why an address is not called. */
export type AddressFault = 'no address' | 'not https' | 'more than an address' | 'inside'

/**
 * Reads where somebody says that a C3 is.
 * @param own origins that whoever runs the hub has named: those are called wherever they are
 * @param isOutside whether a network address is one that the world can have
 * @returns the address without what does not belong to it, and its host's name; or what is wrong with it
 */
export const readAddress = (
  asked: string,
  own: readonly string[],
  isOutside: (address: string) => boolean,
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
