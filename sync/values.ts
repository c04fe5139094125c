/**
 * What one record says, field by field. A list is a set: its order means nothing, so sources give it sorted.
 * Links to other records are fields too: a link that is taken away is then a change like any other.
 */
export type FieldValue = string | number | boolean | null | readonly string[]

/** Values by field name. A field that is absent was not told, which is not the same as null. */
export type Values = Readonly<Record<string, FieldValue>>

/** Whether two values are the same; absent and null are. */
export const same = (a: FieldValue | undefined, b: FieldValue | undefined): boolean => {
  if (a === b) return true
  if (a === undefined || a === null) return b === undefined || b === null
  if (b === undefined || b === null || typeof a !== 'object' || typeof b !== 'object') return false
  return a.length === b.length && a.every((item, i) => item === b[i])
}

// PostgreSQL stores neither NUL nor half a surrogate pair in a text; one such character must not stop a page.
const clean = (text: string): string => {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '') : whole
}

/** The same value, storable. */
export const storable = (value: FieldValue): FieldValue => {
  if (typeof value === 'string') return clean(value)
  return typeof value === 'object' && value !== null ? value.map(clean) : value
}
