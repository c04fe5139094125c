import { isWritable, lineOf, spelledAsC3, stockIdOf } from './rfq-fields.ts'

/** A value that a person said: a text, a list, or nothing. */
interface Said {
  text: string | null
  items: readonly string[] | null
}

const STATUSES = ['NEW', 'QUOTED', 'ORDERED', 'LOST', 'LAPSED']
const LONGEST: Readonly<Record<string, number>> = { buyer: 200, note: 4_000 }
const PRICE = /^\d{1,14}(\.\d{1,4})?$/
const QUANTITY = /^\d{1,9}$/

/** A value for a contested field of a request, as a person said it, or why it cannot be one. Pure. */
export const chosenValue = (
  field: string,
  { text, items }: Said,
): { value: string | number | null } | { wrong: string } => {
  if (field === '@record') return { wrong: 'The record is there or it is not: decide for C3 or for HUB.' }
  if (items !== null) return { wrong: `${field} holds no list: say its value as text.` }
  const said = text === '' ? null : text
  if (!isWritable(field, said)) return { wrong: `${field} cannot be written at C3, or not without a value.` }
  const wrong = said === null ? undefined : faultOf(field, said)
  if (wrong) return { wrong }
  const value = stockIdOf(field) === undefined ? said : Number(said ?? 0)
  return { value: spelledAsC3(field, value) as string | number | null }
}

const faultOf = (field: string, text: string): string | undefined => {
  if (lineOf(field) !== undefined)
    return PRICE.test(text) ? undefined : `${field} is a price with at most four places, such as 1.2345.`
  if (stockIdOf(field) !== undefined)
    return QUANTITY.test(text) ? undefined : `${field} is a number of pieces, such as 500.`
  if (field === 'status')
    return STATUSES.includes(text) ? undefined : `A request’s status at C3 is one of ${STATUSES.join(', ')}.`
  if (field === 'dueAt')
    return Number.isNaN(Date.parse(text)) ? 'Say a moment, such as 2026-12-01T12:00:00Z.' : undefined
  const longest = LONGEST[field] ?? 0
  return text.length > longest ? `Say at most ${longest} characters.` : undefined
}
