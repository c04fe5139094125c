import type { PropertyDefinition } from '../setup-wire.ts'
import { conflict, invalid, type WrongValue, wrongValues } from './errors.ts'
import { OWNERS } from './facts.ts'
import type { Portal } from './portal.ts'

export type Values = Record<string, string | null>

/** Epoch milliseconds of a date as HubSpot takes it: ISO 8601, a calendar day, or epoch milliseconds. NaN otherwise. */
export const instant = (value: string): number => (/^-?\d+$/.test(value) ? Number(value) : Date.parse(value))

/**
 * The values of a write as they will be kept. Throws the 400 that names every wrong one.
 * @param byUser tests play odd things as a user: owners that nobody is, texts of any length, and what HubSpot itself works out
 */
export const checkedValues = (
  portal: Portal,
  type: string,
  wanted: Readonly<Record<string, unknown>>,
  byUser = false,
): Values => {
  const wrong: WrongValue[] = []
  const values: Values = {}
  for (const [name, raw] of Object.entries(wanted)) {
    const definition = portal.table(type).definitions.get(name)
    const value = raw === null || raw === undefined || raw === '' ? null : String(raw)
    const fault =
      definition === undefined
        ? unknown(name)
        : (faultOf(definition, value, byUser) ?? (byUser ? undefined : oddity(definition, value)))
    if (fault !== undefined) wrong.push(fault)
    values[name] = value === null || definition === undefined ? value : normal(definition, value)
  }
  wrong.push(...portal.pipelines.faultsOf(type, values))
  if (wrong.length > 0) wrongValues(wrong, Number(portal.id))
  return values
}

const unknown = (name: string): WrongValue => ({
  name,
  message: `Property "${name}" does not exist`,
  error: 'PROPERTY_DOESNT_EXIST',
})

const DAY_MS = 86_400_000

const faultOf = (
  definition: PropertyDefinition,
  value: string | null,
  byUser: boolean,
): WrongValue | undefined => {
  const { name, type, options } = definition
  const wrong = (message: string, error: string): WrongValue => ({ name, message, error })
  if (definition.modificationMetadata.readOnlyValue && !(byUser && definition.calculated))
    return wrong(`"${name}" is a read only property; its value cannot be set.`, 'READ_ONLY_VALUE')
  if (value === null) return undefined
  if (type === 'number' && !Number.isFinite(Number(value)))
    return wrong(`${value} was not a valid number.`, 'INVALID_INTEGER')
  if ((type === 'date' || type === 'datetime') && Number.isNaN(instant(value)))
    return wrong(`${value} was not a valid date.`, 'INVALID_DATE')
  if (type === 'date' && instant(value) % DAY_MS !== 0)
    return wrong(`${value} is not midnight UTC.`, 'INVALID_DATE')
  if (type === 'bool' && value !== 'true' && value !== 'false')
    return wrong(`${value} was not one of the allowed options: [true, false]`, 'INVALID_OPTION')
  if (type === 'enumeration' && options.length > 0) {
    const strange = value.split(';').find((v) => v !== '' && !options.some((o) => o.value === v))
    if (strange !== undefined)
      return wrong(
        `${strange} was not one of the allowed options: ${JSON.stringify(options.map((o) => o.value))}`,
        'INVALID_OPTION',
      )
  }
  if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value))
    return wrong(`Email address ${value} is invalid`, 'INVALID_EMAIL')
  return undefined
}

const LONGEST_TEXT = 65_536

// HubSpot's codes for these are unsure; that it refuses them is not.
const oddity = ({ name, type }: PropertyDefinition, value: string | null): WrongValue | undefined => {
  if (value === null) return undefined
  if (name === 'hubspot_owner_id' && !OWNERS.some(({ id }) => id === value))
    return { name, message: `${value} is not a valid owner id`, error: 'INVALID_OWNER_ID' }
  if (type === 'string' && value.length > LONGEST_TEXT)
    return { name, message: `${name} is longer than ${LONGEST_TEXT} characters`, error: 'TEXT_TOO_LONG' }
  return undefined
}

// HubSpot keeps instants as ISO texts and days as calendar days, however they were sent.
const normal = ({ type }: PropertyDefinition, value: string): string => {
  if (type === 'datetime' && /^-?\d+$/.test(value)) return new Date(Number(value)).toISOString()
  if (type === 'date') return new Date(instant(value)).toISOString().slice(0, 10)
  return value
}

/** What `;b` adds to the choices `a`; any other value takes their place. */
export const appended = (old: string | null | undefined, value: string): string =>
  value.startsWith(';')
    ? [...new Set([...(old ?? '').split(';'), ...value.split(';')])].filter(Boolean).join(';')
    : value

/** Throws when another live record has a value that only one may have. `own` is the row that is being written. */
export const refuseTaken = (portal: Portal, type: string, values: Values, own: number | undefined): void => {
  const table = portal.table(type)
  for (const [name, value] of Object.entries(values)) {
    if (value === null || table.definitions.get(name)?.hasUniqueValue !== true) continue
    if (name === 'email' && portal.blockedEmails.has(value.toLowerCase()))
      // HubSpot's words for it are unsure; that it refuses is not.
      invalid(
        `Property values were not valid: the email address ${value} was deleted permanently and is blocked.`,
        {
          errors: [{ message: 'blocked', code: 'CONTACT_BLOCKED', context: { propertyName: ['email'] } }],
        },
      )
    const taken = table.rowBy(name, value)
    if (taken === undefined || taken === own) continue
    const id = table.idOf(taken)
    if (name === 'email') conflict(`Contact already exists. Existing ID: ${id}`)
    wrongValues(
      [
        {
          name,
          message: `propertyName=${name}: ${id} already has that value.`,
          error: 'CONFLICTING_UNIQUE_VALUE',
        },
      ],
      Number(portal.id),
    )
  }
}

/**
 * Throws when an administrator wants a value that a write leaves out, or takes away. A change of other properties is let through.
 * @param sent what the write gives; `whole` the record as it would be
 */
export const refuseUnset = (portal: Portal, type: string, sent: Values, whole: Values): void => {
  const wrong: WrongValue[] = []
  for (const [name, when] of portal.table(type).wanted) {
    const touched =
      sent === whole || Object.hasOwn(sent, name) || (when && Object.hasOwn(sent, when.property))
    const holds = when === undefined || when.values.includes(whole[when.property] ?? '')
    if (touched && holds && whole[name] == null)
      wrong.push({
        name,
        message: `Property "${name}" is required`,
        error: when === undefined ? 'MISSING_REQUIRED_PROPERTY' : 'MISSING_CONDITIONAL_REQUIRED_PROPERTY',
      })
  }
  if (wrong.length > 0) wrongValues(wrong, Number(portal.id))
}
