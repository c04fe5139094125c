import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { SECRETS } from '../privacy/canaries.ts'
import {
  keepStreet,
  letWritersWrite,
  type OutgoingBed,
  outgoingBed,
  writeEveryText,
  writeRecords,
} from './outgoing-bed.ts'

/** Every spelling of a card that people use; all are numbers that a network may issue, with the right check digit. */
const CARDS = [
  ...['4242424242424242', '4242 4242 4242 4242', '4242-4242-4242-4242', '4242.4242.4242.4242'],
  ...['4242\u00a04242\u00a04242\u00a04242', '4242 – 4242 – 4242 – 4242', '4242 - 4242 - 4242 - 4242'],
  ...[
    '3782 822463 10005',
    '3782-822463-10005',
    '378282246310005',
    '5555 5555 5555 4444',
    '6011 1111 1111 1117',
  ],
]
const KEYS = [SECRETS.warpKey, SECRETS.hubspotToken, SECRETS.signedToken]
/** Where a telephone of the organisation is, as emergency services are told. */
const ADDRESS = {
  ...{ street: '4711 Canary Wharf Road', unit: 'Suite 8', city: 'Denver', state: 'CO' },
  ...{ postalCode: '80202', country: 'US' },
}
const STREET = '4711 Canary Wharf Road, Suite 8, Denver, CO 80202'
const SPELT_STREET = ['4711 canary wharf road\nSuite 8\nDenver CO 80202', STREET, '4711 Canary Wharf Road']
/** Words of texts that go: what is cut out is only the rest. */
const MARK = 'Harmless words'
const SAID = [MARK, ...CARDS, ...KEYS, ...SPELT_STREET].join(' ; ')

const SHORT = `4242.4242.4242.4242 ${SECRETS.warpKey}`

const digitsOf = (text: string) => text.replace(/[^0-9]/g, '')
/** What of it is in a text, however it is spelt there. */
const found = (text: string): string[] => {
  const plain = text.replace(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const words = plain.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')
  return [
    ...CARDS.filter((card) => plain.includes(card)),
    ...[...new Set(CARDS.map(digitsOf))].filter((card) => digitsOf(plain).includes(card)),
    ...KEYS.filter((key) => plain.includes(key)),
    ...(words.includes('canary wharf') ? [STREET] : []),
  ]
}

const stack = new AsyncDisposableStack()
let bed: OutgoingBed
beforeAll(async () => {
  bed = stack.use(await outgoingBed())
  await keepStreet(bed, ADDRESS)
  await writeRecords(bed, SAID)
  await writeEveryText(bed, SAID)
  await letWritersWrite(bed, SAID, SHORT)
})
afterAll(() => stack.disposeAsync())

/** What kind of request it was. */
const kindOf = ({ method, target }: { method: string; target: string }): string =>
  `${method} ${target
    .replace(/\?.*/, '')
    .replace(/\/2-\d+/g, '/own')
    .replace(/\/\d+/g, '/n')
    .replace(/access-tokens\/.*/, 'access-tokens')}`
const bodiesOf = (kind: RegExp) =>
  bed.passed.filter((each) => kind.test(kindOf(each))).map(({ body }) => body)
/** Kinds of requests that write. */
const TYPES = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes']
const WRITES = [
  ...TYPES.flatMap((type) =>
    ['archive', 'update', 'upsert'].map((verb) => `POST /crm/v3/objects/${type}/batch/${verb}`),
  ),
  'POST /crm/v3/objects/own/batch/upsert',
]

/** What else the hub asks or tells. */
const OTHERS = [
  ...['tasks', 'notes', 'tickets', 'deals', 'own'].map(
    (type) => `POST /crm/v4/associations/${type}/companies/batch/associate/default`,
  ),
  'POST /crm/v4/associations/deals/companies/batch/create',
  ...TYPES.flatMap((type) => [
    `POST /crm/v3/properties/${type}/groups`,
    `POST /crm/v3/properties/${type}/batch/create`,
  ]),
  ...['POST /crm-object-schemas/v3/schemas', 'POST /oauth/v1/token'],
  ...['POST /integrators/timeline/v3/n/event-templates', 'POST /integrators/timeline/v3/events/batch/create'],
]
it('sends nothing to HubSpot, in no request of any kind, that has a card, key, token or street in it which must not leave', () => {
  const kinds = new Set(bed.passed.map(kindOf))
  expect([...WRITES, ...OTHERS].filter((kind) => !kinds.has(kind))).toEqual([])
  const words = (text: string) => [text, decodeURIComponent(text.replaceAll(/%(?![0-9A-F]{2})/g, '%25'))]
  const hits = bed.passed.flatMap((each) =>
    [...words(each.target), ...words(each.body)].flatMap(found).map((word) => `${kindOf(each)}: ${word}`),
  )
  expect([...new Set(hits)]).toEqual([])
})

it('had something to cut out of every kind of request that carries texts, and lets the rest of them go', () => {
  const carrying = WRITES.filter((kind) => !kind.endsWith('archive'))
  for (const kind of carrying) {
    const said = bodiesOf(new RegExp(`^${kind}$`)).join()
    expect([
      kind,
      ['[card number]', '[key]', '[address]', MARK].filter((part) => !said.includes(part)),
    ]).toEqual([kind, []])
  }
  expect(bodiesOf(/timeline.*events/).join()).toMatch(/\[card number\].*\[key\].*\[address\]/)
})

it('mails no customer any of it', () => {
  const [mail, ...more] = bed.mails
  expect(more).toEqual([])
  expect(found(JSON.stringify(mail))).toEqual([])
  expect(mail!.headers.subject).toMatch(/^Welcome .*, \[card number\] \[key\]$/)
  expect(mail!.text).toContain(`${MARK} ; ${CARDS.map(() => '[card number]').join(' ; ')}`)
  expect(mail!.text).toContain('[address]')
})

it('lets the street go, with its number and in texts, once the organisation says so, and still no card, key or token', async () => {
  bed.passed.splice(0)
  const [row] = await bed.integrations()
  const changed = await bed.graph(
    `mutation ($id: ID!, $v: Int!) { changeConnection(integrationId: $id, input: { sendsAddresses: true }, expectedVersion: $v) { __typename } }`,
    { id: bed.integrationId, v: row!.settings_version },
  )
  expect(changed).toEqual({ __typename: 'ConnectionChanged' })
  // Its record says so before the portal has a place for it.
  const placed = sql`select from customers.own_records where properties ->> 'e911_address' like '4711 %'`
  await until(async () => (await bed.rows(placed)).length > 0)
  await bed.written()
  await bed.provision()
  await writeRecords(bed, `Again ${SAID}`)
  // It comes by itself: nobody has told of the number again.
  await until(async () =>
    bodiesOf(/own\/batch\/(update|upsert)/).some((body) => body.includes(`"e911_address":"${STREET}, US"`)),
  )
  const hits = [...new Set(bed.passed.flatMap(({ body }) => found(body)))]
  expect(hits).toEqual([STREET])
})
