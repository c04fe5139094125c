/** What a caller sends and wants back, in the words of HTTP (RFC 9110). */
import type { IncomingHttpHeaders } from 'node:http'
import { EncodedBody, NotAcceptable, UnsupportedMediaType } from '../errors.ts'

/** Whether a request brings a body. */
const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** @throws UNSUPPORTED_MEDIA_TYPE or ENCODED_BODY for a body that is not plain JSON */
export const checkSent = (headers: IncomingHttpHeaders): void => {
  if (!hasBody(headers)) return
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw UnsupportedMediaType.with()
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw EncodedBody.with()
}

/** @throws NOT_ACCEPTABLE for a caller who takes no JSON */
export const checkWanted = ({ accept }: IncomingHttpHeaders): void => {
  if (accept !== undefined && !accepts(accept, 'application/json')) throw NotAcceptable.with()
}

/**
 * Whether an `Accept` header takes a type: the most exact range that names it decides.
 * @param type such as `text/html`
 */
export const accepts = (accept: string, type: string): boolean => weight(accept, type) > 0

/** How much a type is wanted, from 0 to 1. */
export const weight = (accept: string, type: string): number => {
  const ranges = new Map(
    accept.split(',').map((entry) => {
      const [range = '', ...parameters] = entry.split(';').map((one) => one.trim().toLowerCase())
      const q = parameters.find((one) => one.startsWith('q='))?.slice(2)
      return [range, q === undefined ? 1 : Number(q) || 0]
    }),
  )
  return ranges.get(type) ?? ranges.get(`${type.split('/')[0]}/*`) ?? ranges.get('*/*') ?? 0
}
