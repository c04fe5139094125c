import { describe, expect, it } from 'vitest'
import {
  type Claim,
  isSignedBy,
  readClaim,
  signedAddress,
  signV1,
  signV3,
} from '#connectors/hubspot/webhook.ts'

const SECRET = 'yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy'
const REQUEST = { method: 'POST', url: 'https://www.example.com/webhook_uri' }
const BODY = Buffer.from("{'example_field':'example_value'}")
const STAMP = '1693657560000'
const SIGNATURE = 'K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y='
const NOW = new Date(Number(STAMP))
const later = (ms: number) => new Date(NOW.getTime() + ms)
const v3 = { 'x-hubspot-signature-v3': SIGNATURE, 'x-hubspot-request-timestamp': STAMP }
const only = { secrets: [SECRET], allowV1: false }
const claimed = (signature = SIGNATURE): Claim => ({ version: 'v3', signature, timestamp: STAMP, ageMs: 0 })

describe('the signature of a webhook', () => {
  it('is what HubSpot publishes as an example of version 3', () => {
    expect(signV3(SECRET, REQUEST, BODY, STAMP)).toBe(SIGNATURE)
    expect(readClaim(v3, only, NOW)).toEqual(claimed())
    expect(isSignedBy(only, claimed(), REQUEST, BODY)).toBe(true)
  })

  it('is for this method, address, body, time and secret only', () => {
    const altered: [object, Buffer, Claim, string][] = [
      [{ ...REQUEST, method: 'PUT' }, BODY, claimed(), SECRET],
      [{ ...REQUEST, url: `${REQUEST.url}?a=1` }, BODY, claimed(), SECRET],
      [{ ...REQUEST, url: REQUEST.url.replace('https', 'http') }, BODY, claimed(), SECRET],
      [REQUEST, Buffer.from(BODY).fill('"', 1, 2), claimed(), SECRET],
      [REQUEST, BODY, { ...claimed(), timestamp: '1693657560001' } as Claim, SECRET],
      [REQUEST, BODY, claimed(), SECRET.replace('y', 'z')],
      [REQUEST, BODY, claimed(SIGNATURE.replace('=', '')), SECRET],
      [REQUEST, BODY, claimed(''), SECRET],
    ]
    for (const [request, body, claim, secret] of altered)
      expect(isSignedBy({ secrets: [secret] }, claim, request as typeof REQUEST, body)).toBe(false)
  })

  it('covers an address with exactly the characters decoded that HubSpot decodes', () => {
    expect(signedAddress('https://h.example/a%2Fb%3a?x=%21%24%27%28%29%2A%2C%3B%40%3F%20%26%3D%25')).toBe(
      "https://h.example/a/b:?x=!$'()*,;@?%20%26%3D%25",
    )
  })

  it('may be of any of several secrets', () => {
    expect(isSignedBy({ secrets: ['another secret', SECRET] }, claimed(), REQUEST, BODY)).toBe(true)
    expect(isSignedBy({ secrets: [] }, claimed(), REQUEST, BODY)).toBe(false)
  })

  it('counts for five minutes, by our clock, in both directions', () => {
    expect(readClaim(v3, only, later(300_000))).toMatchObject({ version: 'v3', ageMs: 300_000 })
    expect(readClaim(v3, only, later(300_001))).toBe('too old')
    expect(readClaim(v3, only, later(-300_000))).toMatchObject({ version: 'v3' })
    expect(readClaim(v3, only, later(-300_001))).toBe('from the future')
    for (const stamp of [
      '',
      '0x18a',
      '1693657560000.0',
      ' 1693657560000',
      '1e12',
      '2023-09-02T12:26:00Z',
      '-1',
    ])
      expect(readClaim({ ...v3, 'x-hubspot-request-timestamp': stamp }, only, NOW)).toBe('no timestamp')
  })

  it('may be of version 1 only where that is allowed, and never instead of a wrong version 3', () => {
    const old = { 'x-hubspot-signature': signV1(SECRET, BODY), 'x-hubspot-signature-version': 'v1' }
    const both = { ...only, allowV1: true }
    expect(readClaim(old, only, NOW)).toBe('v1 is not allowed')
    const claim = readClaim(old, both, NOW) as Claim
    expect(isSignedBy(both, claim, REQUEST, BODY)).toBe(true)
    expect(isSignedBy(both, claim, REQUEST, Buffer.from('[]'))).toBe(false)
    expect(readClaim({ ...old, 'x-hubspot-signature-version': 'v2' }, both, NOW)).toBe('unknown version')
    expect(readClaim({ ...old, ...v3 }, both, later(300_001))).toBe('too old')
    expect(readClaim({}, both, NOW)).toBe('no signature')
  })
})
