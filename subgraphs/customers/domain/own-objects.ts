import type { RecordType } from './kinds.ts'
import { E911_STATES, group, KEY, type OwnProperty } from './own-properties.ts'

/**
 * Kinds of records that HubSpot does not know and the hub makes up in a portal, to write them there. Of what is read back nothing is taken over.
 *
 * own object   such a kind: `trunks` to the hub, `trunk` as its name in the portal, `2-4711` as the portal numbers it
 */
export const OWN_OBJECT_TYPES = ['trunks', 'numbers'] as const
export type OwnObjectType = (typeof OWN_OBJECT_TYPES)[number]

/** Whether a kind of record is one of our own. */
export const isOwnObject = (type: string): type is OwnObjectType =>
  (OWN_OBJECT_TYPES as readonly string[]).includes(type)

/** Every kind of record that the hub writes. */
export type OwnedType = RecordType | OwnObjectType

export interface OwnObject {
  type: OwnObjectType
  /** Its name in the portal. HubSpot lets nobody change it. */
  name: string
  singular: string
  plural: string
  description: string
  /** The property that people see a record by. */
  display: string
  secondary: readonly string[]
  required: readonly string[]
  properties: readonly OwnProperty[]
  /** Kinds of records that its records are linked to. */
  linkedTo: readonly ('companies' | OwnObjectType)[]
}

const TRUNK: OwnObject = {
  type: 'trunks',
  name: 'trunk',
  singular: 'Trunk',
  plural: 'Trunks',
  description: 'A line into the telephone network that carries many calls at once.',
  display: 'name',
  secondary: ['status'],
  required: ['name', 'trunk_id'],
  properties: [
    ...group('warp', [
      ['name', 'Name', 'text', 'What the trunk is called.'],
      ['trunk_id', 'Trunk ID', 'key', 'By it WARP knows the trunk.'],
      ['company_id', 'Company ID', 'text', 'The company whose trunk it is, by its record ID.'],
      ['status', 'Status', ['pending', 'active', 'suspended', 'deleted'], 'Whether it works.'],
      ['ip_addresses', 'IP addresses', 'long', 'Where its calls come from, parted by commas.'],
      ['concurrent_calls', 'Calls at once', 'number', 'How many calls it carries at once.'],
      ['monthly_minutes', 'Minutes a month', 'number', 'How many minutes a month it may be used.'],
      ['created_date', 'Created', 'day', 'The day it was made.'],
      ['partition_id', 'Partition', 'text', 'The part of the network that it runs in.'],
    ]),
    ...KEY,
  ],
  linkedTo: ['companies'],
}

const NUMBER: OwnObject = {
  type: 'numbers',
  name: 'number',
  singular: 'Telephone number',
  plural: 'Telephone numbers',
  description: 'A telephone number that a company has on WARP.',
  display: 'number',
  secondary: ['type'],
  required: ['number'],
  properties: [
    ...group('warp', [
      ['number', 'Number', 'key', 'The telephone number, with its country, such as +13035551000.'],
      ['company_id', 'Company ID', 'text', 'The company whose number it is, by its record ID.'],
      ['trunk_id', 'Trunk ID', 'text', 'The trunk on which its calls arrive.'],
      ['type', 'Type', ['local', 'tollfree', 'mobile'], 'What kind of number it is.'],
      ['capabilities', 'Capabilities', { several: ['voice', 'sms'] }, 'What it can be used for.'],
      ['monthly_cost', 'Cost a month', 'number', 'What it costs a month, in its company’s currency.'],
      ['cnam', 'Caller name', 'text', 'The name that people see whom it calls.'],
      ['e911_status', 'E911', E911_STATES, 'Whether emergency services know where it calls from.'],
      [
        'e911_hash',
        'E911 mark',
        'text',
        'Changes when the emergency address does. It does not tell the address.',
      ],
    ]),
    ...KEY,
  ],
  linkedTo: ['companies', 'trunks'],
}

/** The property that holds a street: made and written only where the organisation has said so. */
export const ADDRESS_PROPERTY = 'e911_address'

const ADDRESS = group('warp', [
  [ADDRESS_PROPERTY, 'E911 address', 'text', 'Where emergency services look for whoever calls with it.'],
])

/** The own objects, in the order in which they are made. @param sendsAddresses whether the organisation lets street addresses go */
export const ownObjects = (sendsAddresses: boolean): readonly OwnObject[] => [
  TRUNK,
  sendsAddresses ? { ...NUMBER, properties: [...NUMBER.properties, ...ADDRESS] } : NUMBER,
]
