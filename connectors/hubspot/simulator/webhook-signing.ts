import { createHash, createHmac } from 'node:crypto'
import { WEBHOOK_HEADERS } from '../app-wire.ts'

/** What is signed. */
export interface Signed {
  secret: string
  method: string
  /** As it is called, with its query. */
  url: string
  body: string
  /** Epoch milliseconds. */
  timestamp: number
}

// HubSpot undoes these encodings, and no others, before it signs.
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/** The signature of version 1: secret and body alone. */
export const signatureV1 = ({ secret, body }: Pick<Signed, 'secret' | 'body'>): string =>
  createHash('sha256')
    .update(secret + body)
    .digest('hex')

/** The signature of version 3: the whole request and its instant. */
export const signatureV3 = ({ secret, method, url, body, timestamp }: Signed): string =>
  createHmac('sha256', secret)
    .update(method + url.replace(DECODED, (code) => decodeURIComponent(code)) + body + timestamp)
    .digest('base64')

/** The headers that a delivery carries: both versions, so that a receiver may choose. */
export const signedHeaders = (what: Signed): Record<string, string> => ({
  [WEBHOOK_HEADERS.signature]: signatureV1(what),
  [WEBHOOK_HEADERS.signatureVersion]: 'v1',
  [WEBHOOK_HEADERS.signatureV3]: signatureV3(what),
  [WEBHOOK_HEADERS.timestamp]: String(what.timestamp),
})
