import type { PropertyOption } from './catalog.ts'

/** A value that a person said: a text, a list, or nothing. */
export interface Said {
  text: string | null
  items: readonly string[] | null
}

const LONGEST = 65_536
const MOST_ITEMS = 10_000
const LINK = /^\d{1,20}!?$/

/** What a portal lets a property hold, as far as a value can be checked before it is sent. */
export interface HeldProperty {
  kind: string
  options: readonly PropertyOption[]
  is_read_only: boolean
}

/** A value for a contested field, as a person said it, or why it cannot be one. Pure. */
export const chosenValue = (
  field: string,
  { text, items }: Said,
  property: HeldProperty | undefined,
): { value: string | readonly string[] | null } | { wrong: string } => {
  if (field === '@record')
    return { wrong: 'The record is there or it is not: decide for HUBSPOT or for HUB.' }
  if (field.startsWith('@')) {
    if (text !== null || !items || items.length > MOST_ITEMS || !items.every((item) => LINK.test(item)))
      return { wrong: 'Name the linked records by their ids in HubSpot, as items.' }
    return { value: [...new Set(items)].sort() }
  }
  if (items !== null) return { wrong: `${field} holds no list: say its value as text.` }
  if (text === null || text === '') return { value: null }
  if (text.length > LONGEST) return { wrong: `Say at most ${LONGEST} characters.` }
  if (property?.is_read_only) return { wrong: `HubSpot lets nobody write ${field}: decide for HUBSPOT.` }
  if (property?.kind === 'number' && !/^-?\d+(\.\d+)?$/.test(text))
    return { wrong: `${field} holds a number, such as 1234.50.` }
  if (property?.kind === 'bool' && !['true', 'false'].includes(text))
    return { wrong: `${field} is true or false.` }
  const among = (value: string) => property?.options.some((option) => option.value === value)
  if (property?.kind === 'enumeration' && !text.split(';').every(among))
    return { wrong: `${field} has no such option in HubSpot.` }
  return { value: text }
}
