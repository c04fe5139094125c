/**
 * What HubSpot sends when something changed there, and how we know that HubSpot sent it.
 * - *delivery*: one POST; its body is a list of up to a hundred events, of whatever portals the app is installed in
 * - *v3*: base64 HMAC-SHA256 over method + address + body + timestamp; *v1*: hex SHA-256 over secret + body
 * The rules are those of developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests.
 */
import { createHash, createHmac } from 'node:crypto'
import { isSameSignature, type TimeFault, timeFault } from '../webhook.ts'

/** A delivery as it came in: bytes, and the address the sender was given. */
export interface SignedRequest {
  method: string
  /** The whole public address with its query, as the sender wrote it. */
  url: string
  headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface SignatureRules {
  /** All of them count: while a secret is being replaced both are in use. */
  secrets: readonly string[]
  /** Whether the old signature, which has no timestamp and covers only the body, is enough where no v3 is sent. */
  allowV1: boolean
}

/** Why a delivery is not believed; for the log, never for the sender. */
export type SignatureFault =
  | 'no signature'
  | 'v1 is not allowed'
  | 'unknown version'
  | 'no timestamp'
  | TimeFault
  | 'wrong signature'

/** What the headers promise, before a byte of the body is read. */
export type Claim =
  | { version: 'v1'; signature: string }
  | { version: 'v3'; signature: string; timestamp: string; ageMs: number }

const V3 = 'x-hubspot-signature-v3'
const TIMESTAMP = 'x-hubspot-request-timestamp'

/** The characters HubSpot takes out of their encoding before it signs an address; all others stay as they are. */
const DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi

/** The address as HubSpot signs it. */
export const signedAddress = (url: string): string => url.replace(DECODED, (code) => decodeURIComponent(code))

/**
 * Reads what the headers claim. A delivery that carries v3 is judged by v3 alone.
 * @param now our clock: the sender's may be wrong
 */
export const readClaim = (
  headers: SignedRequest['headers'],
  { allowV1 }: Pick<SignatureRules, 'allowV1'>,
  now: Date,
): Claim | SignatureFault => {
  const one = (name: string) => (typeof headers[name] === 'string' ? headers[name] : undefined)
  const v3 = one(V3)
  if (v3 === undefined) {
    const signature = one('x-hubspot-signature')
    if (signature === undefined) return 'no signature'
    if (!allowV1) return 'v1 is not allowed'
    return (one('x-hubspot-signature-version') ?? 'v1') === 'v1'
      ? { version: 'v1', signature }
      : 'unknown version'
  }
  const timestamp = one(TIMESTAMP)
  // Digits only: a date in words would be read differently by whoever signed it.
  if (!timestamp || !/^\d{1,15}$/.test(timestamp)) return 'no timestamp'
  const ageMs = now.getTime() - Number(timestamp)
  return timeFault(ageMs) ?? { version: 'v3', signature: v3, timestamp, ageMs }
}

/** The v3 signature of a request. */
export const signV3 = (
  secret: string,
  request: Pick<SignedRequest, 'method' | 'url'>,
  body: Uint8Array,
  timestamp: string,
): string =>
  createHmac('sha256', secret)
    .update(request.method.toUpperCase())
    .update(signedAddress(request.url))
    .update(body)
    .update(timestamp)
    .digest('base64')

/** The v1 signature of a body. */
export const signV1 = (secret: string, body: Uint8Array): string =>
  createHash('sha256').update(secret).update(body).digest('hex')

/** Whether one of the secrets made the claimed signature. Every secret is tried to the end, whichever fits. */
export const isSignedBy = (
  { secrets }: Pick<SignatureRules, 'secrets'>,
  claim: Claim,
  request: Pick<SignedRequest, 'method' | 'url'>,
  body: Uint8Array,
): boolean =>
  secrets
    .map((secret) =>
      claim.version === 'v1' ? signV1(secret, body) : signV3(secret, request, body, claim.timestamp),
    )
    .map((expected) => isSameSignature(expected, claim.signature))
    .includes(true)
