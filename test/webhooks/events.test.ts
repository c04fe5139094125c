import { describe, expect, it } from 'vitest'
import { readDelivery } from '#connectors/hubspot/webhook-events.ts'
import { withOwnKinds } from '#subgraphs/customers/domain/webhook.ts'
import { toldBy } from '#subgraphs/customers/sync/webhook.ts'

const CHANGE = {
  eventId: 3_816_279_340,
  subscriptionId: 25,
  portalId: 33,
  appId: 1_160_452,
  occurredAt: 1_763_600_462_123,
  subscriptionType: 'company.propertyChange',
  attemptNumber: 0,
  objectId: 9001,
  propertyName: 'phone',
  propertyValue: '+1 303 555 1234',
  changeSource: 'CRM_UI',
  sourceId: 'userId:55',
  isSensitive: false,
}
const read = (body: unknown) => readDelivery(Buffer.from(JSON.stringify(body)))
const told = (event: object, receiver?: string) =>
  toldBy(read([{ ...CHANGE, ...event }])!.events[0]!, receiver)
const records = (event: object) => told(event).records.map(({ type, externalId }) => `${type}/${externalId}`)

describe('the body of a webhook', () => {
  it('is a list of events, with whatever HubSpot adds to them', () => {
    const { events, unreadable } = read([CHANGE, { ...CHANGE, inventedTomorrow: { a: 1 } }])!
    expect(unreadable).toBe(0)
    expect(events).toHaveLength(2)
    expect(events[0]).toMatchObject({ portalId: '33', objectId: '9001', occurredAt: CHANGE.occurredAt })
  })

  it('costs its other events nothing when one cannot be read', () => {
    expect(read([CHANGE, { portalId: 33 }, null, 7, { ...CHANGE, subscriptionType: '../..' }])).toMatchObject(
      {
        events: [{ objectId: '9001' }],
        unreadable: 4,
      },
    )
  })

  it('keeps ids digit by digit that no JavaScript number holds', () => {
    const body = JSON.stringify([CHANGE]).replace('9001', '90071992547409931234')
    expect(readDelivery(Buffer.from(body))!.events[0]!.objectId).toBe('90071992547409931234')
  })

  it('may be the one object with other names that the telephone platform was told to expect', () => {
    const old = {
      eventType: 'company.propertyChange',
      objectId: '12345',
      propertyName: 'warp_credit_limit',
      propertyValue: 15000,
      timestamp: '2025-01-17T10:00:00Z',
    }
    const [event] = read(old)!.events
    expect(event).toEqual({
      subscriptionType: 'company.propertyChange',
      objectId: '12345',
      propertyName: 'warp_credit_limit',
      occurredAt: Date.parse('2025-01-17T10:00:00Z'),
    })
    const atDeals = read({ ...old, eventType: 'creation' })!.events[0]!
    expect(toldBy(atDeals, 'deal').records).toMatchObject([{ type: 'deals', externalId: '12345' }])
  })

  it('is refused before it is parsed when it is too deep or has too many parts', () => {
    const of = (text: string) => readDelivery(Buffer.from(text))
    expect(of(`[${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}]`)).toBeUndefined()
    expect(of(`[${'1,'.repeat(1_000_000)}1]`)).toBeUndefined()
    expect(of(JSON.stringify(Array.from({ length: 1_001 }, () => CHANGE)))).toBeUndefined()
    expect(of(JSON.stringify(Array.from({ length: 1_000 }, () => CHANGE)))!.events).toHaveLength(1_000)
    // Brackets and commas in texts are only text.
    expect(of(JSON.stringify([{ ...CHANGE, propertyValue: '[{,"\\'.repeat(50_000) }]))!.events).toHaveLength(
      1,
    )
    for (const text of ['', 'null', '7', '"x"', '[', '{}', '[1', '\ufffe']) expect(of(text)).toBeUndefined()
    expect(readDelivery(Buffer.from([0x5b, 0xff, 0x5d]))).toBeUndefined()
  })
})

describe('an event', () => {
  it('keeps no value and no person, and is the same event whenever it is sent', () => {
    const first = told({})
    expect(JSON.stringify(first)).not.toMatch(/303|userId/)
    expect(told({ attemptNumber: 7 }).hash).toBe(first.hash)
    for (const other of [{ objectId: 9002 }, { occurredAt: 1 }, { portalId: 34 }, { propertyName: 'name' }])
      expect(told(other).hash).not.toBe(first.hash)
  })

  it('names the records to look at again, and of linked ones the side the link is read from', () => {
    const ends = { fromObjectId: 1, toObjectId: 2, objectId: undefined }
    const cases: [object, string[]][] = [
      [{}, ['companies/9001']],
      [{ subscriptionType: 'contact.creation' }, ['contacts/9001']],
      [{ subscriptionType: 'deal.deletion' }, ['deals/9001']],
      [{ subscriptionType: 'ticket.restore' }, ['tickets/9001']],
      [{ subscriptionType: 'object.propertyChange', objectTypeId: '0-3' }, ['deals/9001']],
      [{ subscriptionType: 'object.propertyChange', objectTypeId: '2-77' }, ['2-77/9001']],
      [{ subscriptionType: 'object.propertyChange', objectTypeId: '0-77' }, []],
      [{ subscriptionType: 'product.creation' }, []],
      [{ subscriptionType: 'conversation.newMessage' }, []],
      [
        { subscriptionType: 'contact.merge', primaryObjectId: 9001, mergedObjectIds: [5, 6], newObjectId: 7 },
        ['contacts/9001', 'contacts/7', 'contacts/5', 'contacts/6'],
      ],
      [
        { subscriptionType: 'contact.associationChange', associationType: 'CONTACT_TO_COMPANY', ...ends },
        ['contacts/1'],
      ],
      [
        { subscriptionType: 'company.associationChange', associationType: 'COMPANY_TO_CONTACT', ...ends },
        ['contacts/2'],
      ],
      [
        {
          subscriptionType: 'object.associationChange',
          fromObjectTypeId: '0-3',
          toObjectTypeId: '0-1',
          ...ends,
        },
        ['deals/1'],
      ],
      [{ subscriptionType: 'deal.associationChange', associationType: 'DEAL_TO_LINE_ITEM', ...ends }, []],
    ]
    for (const [event, expected] of cases) expect(records(event)).toEqual(expected)
    // A kind that a portal has made up goes by its number until somebody says whether it is ours.
    const made = told({ subscriptionType: 'object.propertyChange', objectTypeId: '2-77' })
    expect(withOwnKinds(made, () => undefined)).toMatchObject({ records: [], says: null })
    expect(withOwnKinds(made, (number) => (number === '2-77' ? 'trunks' : undefined))).toMatchObject({
      records: [{ type: 'trunks', externalId: '9001' }],
      says: { type: 'trunks' },
    })
    expect(told({ subscriptionType: 'contact.privacyDeletion' })).toMatchObject({
      forgets: '9001',
      records: [{ type: 'contacts', externalId: '9001' }],
    })
  })
})
