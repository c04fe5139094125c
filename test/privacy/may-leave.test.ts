import { describe, expect, it } from 'vitest'
import {
  mayLeave,
  recordThatMayLeave,
  textThatMayLeave,
  valuesThatMayLeave,
} from '#subgraphs/customers/domain/may-leave.ts'
import { SECRET_WORDS, SECRETS } from './canaries.ts'

const STREET = '123 Main St, Denver, CO 80202'
const closed = { sendsAddresses: false, streets: [STREET] }
const open = { ...closed, sendsAddresses: true }

describe('withholds from HubSpot, whatever the value', () => {
  it.each([
    ['contacts', 'warp_api_keys', 'KEY'],
    ['contacts', 'partner_api_key', 'KEY'],
    ['companies', 'cvv', 'CARD'],
    ['companies', 'billing_card_number', 'CARD'],
    ['companies', 'e911_address', 'ADDRESS'],
    ['numbers', 'e911_address', 'ADDRESS'],
  ] as const)('%s.%s', (type, property, withheld) => {
    expect(mayLeave(type, property, '123', closed)).toEqual({ withheld })
  })
})

it('lets the street of an emergency address go with its number where the organisation says so, and nowhere else', () => {
  expect(mayLeave('numbers', 'e911_address', STREET, open)).toEqual({ value: STREET, isCleaned: false })
  for (const [type, property] of [
    ['companies', 'e911_address'],
    ['trunks', 'e911_address'],
    ['numbers', 'emergency_address'],
  ] as const)
    expect(mayLeave(type, property, STREET, open)).toEqual({ withheld: 'ADDRESS' })
  // What may no longer be there can be taken away.
  for (const nothing of ['', null])
    expect(mayLeave('numbers', 'e911_address', nothing, closed)).toEqual({ value: nothing, isCleaned: false })
  for (const property of ['e911_status', 'e911_hash', 'warp_e911_status', 'warp_api_key_count', 'address'])
    expect(mayLeave('companies', property, '7', closed)).toEqual({ value: '7', isCleaned: false })
})

it('cuts cards, keys, tokens and emergency addresses out of every text, and leaves the rest as it is', () => {
  const said = `${Object.values(SECRETS).join(' | ')} at 123  main st\nDenver CO, 80202 today`
  const left = textThatMayLeave(said, closed)
  expect(SECRET_WORDS.filter((word) => left.includes(word))).toEqual([])
  expect(left).toMatch(/at \[address\] today$/)
  for (const spelt of [
    '?at=123%20Main%20St%2C%20Denver%2C%20CO%2080202',
    '<p>123 Main St,<br>Denver&nbsp;CO 80202</p>',
  ])
    expect(textThatMayLeave(spelt, closed)).toMatch(/^(\?at=|<p>)\[address\](<\/p>)?$/)
  expect(textThatMayLeave(`{"${STREET}": 1}`, closed)).toBe('{"[address]":1}')
  expect(textThatMayLeave(said, open)).toMatch(/123 {2}main st/)
  const harmless = 'Asked about 4242424242424243 and 1234 Main St. {not json'
  expect(textThatMayLeave(harmless, closed)).toBe(harmless)
})

it('keeps what programs read as JSON readable: fields are left out, cards become texts, the rest stays', () => {
  const details = {
    codec: 'G.711',
    asr: 0.42,
    card: 4242424242424242,
    cardNumber: '1',
    e911Address: STREET,
    hops: [{ note: `at ${STREET}`, apiKey: 'x' }, SECRETS.warpKey],
  }
  const { value, isCleaned } = mayLeave(
    'tickets',
    'warp_technical_details',
    JSON.stringify(details),
    closed,
  ) as {
    value: string
    isCleaned: boolean
  }
  expect(isCleaned).toBe(true)
  expect(JSON.parse(value)).toEqual({
    codec: 'G.711',
    asr: 0.42,
    card: '[card number]',
    hops: [{ note: 'at [address]' }, '[key]'],
  })
  for (const text of ['{"card": 4000000000000000006}', `{"${SECRETS.warpKey}": 1}`])
    expect(textThatMayLeave(text, closed)).not.toMatch(/4000000000000000006|sk_live/)
  const sound = '{ "codec": "G.711",\n "asr": 0.50 }'
  expect(mayLeave('tickets', 'warp_technical_details', sound, closed)).toEqual({
    value: sound,
    isCleaned: false,
  })
})

it('says of a record what is written, what was cleaned and what is withheld', () => {
  const record = {
    number: '+13035551000',
    cnam: `ACME ${SECRETS.card}`,
    e911_address: STREET,
    e911_status: 'registered',
  }
  expect(recordThatMayLeave('numbers', record, closed)).toEqual({
    properties: { number: '+13035551000', cnam: 'ACME [card number]', e911_status: 'registered' },
    cleaned: ['cnam'],
    withheld: [{ property: 'e911_address', reason: 'ADDRESS' }],
  })
})

it('keeps of what somebody sets only what may be written, so that both sides stay the same', () => {
  const values = {
    hs_note_body: `Paid by ${SECRETS.card}`,
    warp_api_keys: null,
    '@companies': ['1'],
    count: 4,
    cvv: '123',
  }
  expect(valuesThatMayLeave('notes', values)).toEqual({
    hs_note_body: 'Paid by [card number]',
    '@companies': ['1'],
    count: 4,
  })
  expect(valuesThatMayLeave('numbers', { e911_address: STREET })).toEqual({ e911_address: STREET })
  expect(valuesThatMayLeave('numbers', { e911_address: null })).toEqual({ e911_address: null })
  expect(valuesThatMayLeave('companies', { e911_address: STREET })).toEqual({})
})
