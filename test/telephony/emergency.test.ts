import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openVault } from '#kernel/vault.ts'
import { openNumber, sealNumber } from '#schema/phone-number.ts'
import {
  addressBook,
  flawInAddress,
  readAddress,
  whyNoAddress,
} from '#subgraphs/telephony/domain/emergency.ts'
import { sealAllAddresses } from '#subgraphs/telephony/jobs/seal-addresses.ts'
import { silentLog } from '#test/kit/log.ts'
import { DEMO, EMPTY, principal, TEST_KEY } from '#test/kit/subgraph.ts'
import { type TelephonyBed, telephonyBed } from './bed.ts'

let bed: TelephonyBed
beforeAll(async () => {
  bed = await telephonyBed()
}, 60_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

const STREET = '1600 Canary Row'
const ADDRESS = { street: STREET, unit: 'Suite 4', city: 'Denver', state: 'co', postalCode: '80202' }
const NUMBER = 'id version e911Status e911Hash e911Reason'
const CHANGED = `__typename ... on PhoneNumberChanged { phoneNumber { ${NUMBER} } } ... on Refusal { code message } ... on Invalid { field }`
const SET = `mutation ($id: ID!, $address: EmergencyAddressInput!) { setEmergencyAddress(id: $id, address: $address) { ${CHANGED} } }`
const REMOVE = `mutation ($id: ID!) { removeEmergencyAddress(id: $id) { ${CHANGED} } }`
const DECIDE = `mutation ($id: ID!, $decision: EmergencyDecision!, $hash: String!, $reason: String) {
  decideEmergencyAddress(id: $id, decision: $decision, hash: $hash, reason: $reason) { ${CHANGED} } }`
const SHOW = `query ($e164: String!) { phoneNumber(e164: $e164) { ${NUMBER} emergencyAddress { street unit city state postalCode country } } }`

const toldOf = async (id: string) =>
  (await bed.told('telephony.number.changed')).filter(({ numberId }) => numberId === id)
const set = async (id: string, more: object = {}) =>
  await bed.ask(SET, { id, address: { ...ADDRESS, ...more } })
const seen = (text: unknown): string => JSON.stringify(text)

it('asks the provider about an address, notes the answer, and asks anew when the address is another', async () => {
  const id = await bed.give('+13035553001')
  const { phoneNumber } = await set(id)
  expect(phoneNumber).toMatchObject({
    e911Status: 'PENDING',
    e911Hash: expect.stringMatching(/^[0-9a-f]{32}$/),
  })
  const hash = phoneNumber.e911Hash
  const known = { decision: 'REGISTERED', hash }
  expect((await bed.ask(DECIDE, { id, ...known })).phoneNumber).toMatchObject({
    e911Status: 'REGISTERED',
    version: 3,
  })
  // Told twice, and set again as it is, nothing changes.
  expect((await bed.ask(DECIDE, { id, ...known })).phoneNumber).toMatchObject({ version: 3 })
  expect((await set(id, { street: ' 1600  canary row' })).phoneNumber).toMatchObject({
    ...{ version: 3, e911Hash: hash, e911Status: 'REGISTERED' },
  })
  const moved = (await set(id, { unit: 'Suite 5' })).phoneNumber
  expect(moved).toMatchObject({ e911Status: 'PENDING', version: 4 })
  expect(moved.e911Hash).not.toBe(hash)
  // An answer that comes late, about the address before, says nothing about this one.
  expect(await bed.ask(DECIDE, { id, ...known })).toMatchObject({ code: 'ANOTHER_ADDRESS', field: 'hash' })
  const refuse = { decision: 'REJECTED', hash: moved.e911Hash }
  expect(await bed.ask(DECIDE, { id, ...refuse })).toMatchObject({ code: 'INVALID', field: 'reason' })
  expect((await bed.ask(DECIDE, { id, ...refuse, reason: 'No such suite.' })).phoneNumber).toMatchObject({
    ...{ e911Status: 'REJECTED', e911Reason: 'No such suite.' },
  })
  // The same once more: the provider is asked again, and the mark stays.
  expect((await set(id, { unit: 'Suite 5' })).phoneNumber).toMatchObject({
    ...{ e911Status: 'PENDING', e911Reason: null, e911Hash: moved.e911Hash },
  })
  expect((await bed.ask(REMOVE, { id })).phoneNumber).toMatchObject({ e911Status: 'NONE', e911Hash: null })
  expect((await bed.ask(REMOVE, { id })).phoneNumber).toMatchObject({ e911Status: 'NONE', version: 7 })
  expect((await toldOf(id)).map(({ e911 }) => (e911 as { status: string }).status)).toEqual([
    ...['NONE', 'PENDING', 'REGISTERED', 'PENDING', 'REJECTED', 'PENDING', 'NONE'],
  ])
})

it('shows the address to who may see persons, and keeps it out of rows, events, audits and refusals', async () => {
  const id = await bed.give('+13035553010')
  const { phoneNumber } = await set(id)
  // A provider repeats what it was asked about.
  const reason = 'There is no SUITE 4 at 1600 Canary Row, Denver, 80202: call 4.'
  const refusal = { id, decision: 'REJECTED', hash: phoneNumber.e911Hash, reason }
  expect((await bed.ask(DECIDE, refusal)).phoneNumber.e911Reason).toBe(
    'There is no [address] at [address], [address], [address]: call 4.',
  )
  const shown = await bed.ask(SHOW, { e164: '+13035553010' })
  expect(shown.emergencyAddress).toEqual({ ...ADDRESS, state: 'CO', country: 'US' })
  const reader = { caller: principal(DEMO, 'telephony:read') }
  const { data, errors } = await bed.answer(SHOW, { e164: '+13035553010' }, reader)
  expect([data.phoneNumber.e911Status, data.phoneNumber.emergencyAddress]).toEqual(['REJECTED', null])
  expect(errors?.[0]).toMatchObject({
    path: ['phoneNumber', 'emergencyAddress'],
    extensions: { code: 'FORBIDDEN' },
  })
  const [row] = await bed.rows(`select * from telephony.numbers where id = '${id}'`)
  const audits = await bed.audits(id)
  expect(audits.slice(-2).map(({ diff }) => diff)).toMatchObject([
    { e911Status: ['NONE', 'PENDING'], e911Hash: [null, expect.any(String)] },
    { e911Status: ['PENDING', 'REJECTED'], e911Reason: [null, '[text]'] },
  ])
  const told = await toldOf(id)
  // An id may have any digits.
  const withoutIds = (text: string) => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '')
  for (const left of [row, audits, told])
    expect(withoutIds(seen(left))).not.toMatch(/canary row|80202|suite 4/i)
  expect(seen(audits)).not.toContain('e911Address')
  // Whoever has the hub's keys reads it from the event.
  const [{ sealed }] = told.slice(-1) as [{ sealed: string }]
  expect(openNumber(openVault([TEST_KEY]), DEMO, id, sealed)).toEqual({
    ...{ number: '+13035553010', cnam: null, address: { ...ADDRESS, state: 'CO', country: 'US' } },
  })
  const refused = await set(id, { postalCode: 'Canary Row 80202' })
  expect(refused).toMatchObject({ code: 'INVALID', field: 'address.postalCode' })
  expect(seen(refused)).not.toContain('Canary Row')
})

it('opens what was sealed of a number before addresses were told', () => {
  const vault = openVault([TEST_KEY])
  const before = vault.seal(
    JSON.stringify({ number: '+13035551000', cnam: null }),
    `${DEMO}:telephony.numbers:n`,
  )
  expect(openNumber(vault, DEMO, 'n', before)).toEqual({ number: '+13035551000', cnam: null })
  const sealed = sealNumber(vault, DEMO, 'n', { number: '+13035551000', cnam: null, address: null })
  expect(openNumber(vault, DEMO, 'n', sealed).address).toBeNull()
  expect(() => openNumber(vault, EMPTY, 'n', sealed)).toThrow()
})

it('marks an address so that each organisation and each key has other marks, and nobody finds it by trying', () => {
  const [one, other] = [openVault([TEST_KEY]), openVault([randomBytes(32).toString('hex')])]
  const mark = one.mark('1 Main St', `${DEMO}:e911`)
  expect(mark).toBe(openVault([TEST_KEY, randomBytes(32).toString('hex')]).mark('1 Main St', `${DEMO}:e911`))
  const others = [
    ...[one.mark('1 Main St', `${EMPTY}:e911`), one.mark('2 Main St', `${DEMO}:e911`)],
    other.mark('1 Main St', `${DEMO}:e911`),
  ]
  expect(new Set([mark, ...others]).size).toBe(4)
})

it('takes an address only for numbers that call 911, and only one that can be found', async () => {
  const number = { number: '+13035551000', type: 'LOCAL', capabilities: ['VOICE'] }
  expect(whyNoAddress(number)).toBeNull()
  expect(whyNoAddress({ ...number, type: 'TOLLFREE' })).toContain('numbers of towns')
  expect(whyNoAddress({ ...number, type: 'MOBILE' })).toContain('numbers of towns')
  expect(whyNoAddress({ ...number, capabilities: ['SMS'] })).toContain('cannot make calls')
  expect(whyNoAddress({ ...number, number: '+14165551000' })).toContain('United States')
  const wrong: [object, string][] = [
    [{ street: ' ' }, 'street'],
    [{ street: 'Canary Row' }, 'street'],
    [{ street: '1 Main\nSt' }, 'street'],
    [{ street: '1 \0' }, 'street'],
    [{ city: '' }, 'city'],
    [{ state: 'Colorado' }, 'state'],
    [{ state: 'ON' }, 'state'],
    [{ postalCode: '8020' }, 'postalCode'],
    [{ unit: 'x'.repeat(31) }, 'unit'],
    [{ country: 'CA' }, 'country'],
  ]
  const sound = { ...ADDRESS, country: 'US' }
  expect(flawInAddress(readAddress(sound))).toBeNull()
  for (const [more, field] of wrong)
    expect(flawInAddress(readAddress({ ...sound, ...more }))).toMatchObject({ field: `address.${field}` })
  const tollfree = await bed.give('+18885553020', { type: 'TOLLFREE' })
  expect(await set(tollfree)).toMatchObject({ code: 'NO_EMERGENCY_CALLS', field: 'id' })
})

it('keeps the number able to call while it has an address, and forgets the address with the number', async () => {
  const id = await bed.give('+13035553030')
  await set(id)
  const change = `mutation ($id: ID!) { changeNumber(id: $id, changes: { capabilities: [SMS] }) { ... on Refusal { code } } }`
  expect(await bed.ask(change, { id })).toEqual({ code: 'HAS_EMERGENCY_ADDRESS' })
  await bed.ask('mutation ($id: ID!) { releaseNumber(id: $id) { __typename } }', { id })
  expect(await bed.ask(SHOW, { e164: '+13035553030' })).toMatchObject({
    e911Status: 'NONE',
    emergencyAddress: null,
  })
  const [row] = await bed.rows<{ e911_address: string | null }>(
    `select e911_address from telephony.numbers where id = '${id}'`,
  )
  expect(row?.e911_address).toBeNull()
  expect(await set(id)).toMatchObject({ code: 'NUMBER_OVER' })
})

it('takes no address where the hub has no keys, and shows none whose key is gone', async () => {
  await using bare = await telephonyBed({ encryptionKeys: null })
  const id = await bare.give('+13035553040')
  const refused = await bare.ask(SET, { id, address: ADDRESS })
  expect(refused).toMatchObject({ code: 'NO_ENCRYPTION_KEYS' })
  expect(refused.message).toContain('HUB_ENCRYPTION_KEYS')
  const other = openVault([randomBytes(32).toString('hex')])
  await bare.database.transaction(DEMO, (tx) =>
    tx
      .updateTable('telephony.numbers')
      .set({ e911_status: 'REGISTERED', e911_address: other.seal('{}', 'elsewhere'), e911_hash: 'mark' })
      .where('id', '=', id)
      .execute(),
  )
  expect(await bare.ask(SHOW, { e164: '+13035553040' })).toMatchObject({
    ...{ e911Status: 'REGISTERED', emergencyAddress: null },
  })
})

it('seals addresses by a new key, so that the old one can go, and leaves those that nobody can open', async () => {
  const id = await bed.give('+13035553060')
  const { phoneNumber } = await set(id)
  const lost = await bed.give('+13035553061')
  const strange = openVault([randomBytes(32).toString('hex')]).seal('{}', 'elsewhere')
  await bed.database.transaction(DEMO, (tx) =>
    tx
      .updateTable('telephony.numbers')
      .set({ e911_status: 'REGISTERED', e911_address: strange, e911_hash: 'mark' })
      .where('id', '=', lost)
      .execute(),
  )
  const key = randomBytes(32).toString('hex')
  const ring = openVault([key, TEST_KEY])
  const around = { database: bed.database, log: silentLog }
  const sealed = async () => {
    const rows = await bed.rows<{ id: string; e911_address: string }>(
      'select id, e911_address from telephony.numbers where e911_address is not null order by id',
    )
    return new Map(rows.map((row) => [row.id, row.e911_address]))
  }
  await sealAllAddresses(around, (orgId) => addressBook(ring, orgId))
  const once = await sealed()
  expect(addressBook(openVault([key]), DEMO).open(id, once.get(id)!)?.street).toBe(STREET)
  expect(once.get(lost)).toBe(strange)
  // Twice changes nothing more, and nobody is told: the address is what it was.
  await sealAllAddresses(around, (orgId) => addressBook(ring, orgId))
  expect(await sealed()).toEqual(once)
  expect(await bed.ask(SHOW, { e164: '+13035553060' })).toMatchObject({
    ...{ version: 2, e911Hash: phoneNumber.e911Hash },
  })
  expect(await toldOf(id)).toHaveLength(2)
})

it('sets, shows and decides nothing for another organisation', async () => {
  const id = await bed.give('+13035553050')
  const { phoneNumber } = await set(id)
  const asking = { caller: principal(EMPTY) }
  const { e911Hash: hash } = phoneNumber
  expect(await bed.ask(SET, { id, address: ADDRESS }, asking)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.ask(REMOVE, { id }, asking)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await bed.ask(DECIDE, { id, hash, decision: 'REGISTERED' }, asking)).toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await bed.ask(SHOW, { e164: '+13035553050' })).toMatchObject({ version: 2, e911Status: 'PENDING' })
})
