import type { Wrong } from './judging-record.ts'
import type { RecordType } from './kinds.ts'

/** Kinds of records that other programs have ids for. */
export const OUTSIDE_TYPES = [
  'companies',
  'contacts',
  'deals',
  'tickets',
] as const satisfies readonly RecordType[]
export type OutsideType = (typeof OUTSIDE_TYPES)[number]

/** An id of a record in another system. */
export interface ExternalId {
  /** HUBSPOT, or the program that gave the id; in capital letters. */
  system: string
  value: string
}

/** Gives its own ids: what it has can be found and changed by them, and is made only by it. */
export const HUBSPOT = 'HUBSPOT'
/** Have no ids for these kinds of records, and no program may pass for them. */
const RESERVED: readonly string[] = ['HUB', 'C3', 'WARP', 'TRIBUTARY']

const HUBSPOTS = /^\d+$/
const SYSTEM = /^[A-Z][A-Z0-9_-]{0,39}$/
/** No spaces and no @: an id is no name and no address, since it stands in addresses that are written to logs. */
const VALUE = /^[A-Za-z0-9._:~+=-]{1,128}$/

/** An id as it is kept, however it was written; null where no record can have it. */
export const externalIdOf = (system: string, value: string): ExternalId | null => {
  const name = system.toUpperCase()
  if (!SYSTEM.test(name) || RESERVED.includes(name) || !VALUE.test(value)) return null
  return name === HUBSPOT && !HUBSPOTS.test(value) ? null : { system: name, value }
}

/** What is wrong with an id that no record can have. */
export const wrongId = (system: string): Wrong => {
  const name = system.toUpperCase()
  const inSystem = (message: string): Wrong => ({ field: 'system', code: 'INVALID', message })
  if (RESERVED.includes(name))
    return inSystem(`${name} has no ids for these records. Take a name of your own program.`)
  if (!SYSTEM.test(name)) return inSystem('It is 1 to 40 letters, digits, - and _, beginning with a letter.')
  const message =
    name === HUBSPOT
      ? 'HubSpot’s ids are digits.'
      : 'It is 1 to 128 letters, digits and . _ : ~ + = - without spaces or @: an id, and no name or address.'
  return { field: 'value', code: 'INVALID', message }
}

/** The id is in use, or the record has another one. */
export interface ExternalIdTaken {
  __typename: 'ExternalIdTaken'
  code: 'EXTERNAL_ID_TAKEN'
  message: string
  recordId: string
  value: string
}

/**
 * The record that is meant has another id of the same program.
 * @param recordId the record
 * @param held the id that it has
 */
export const externalIdTaken = (recordId: string, held: ExternalId): ExternalIdTaken => ({
  __typename: 'ExternalIdTaken',
  code: 'EXTERNAL_ID_TAKEN',
  message: `There is a record like it, which ${held.system} knows by another id. Write it by that one, or change what the two have in common.`,
  recordId,
  value: held.value,
})
