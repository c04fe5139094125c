/**
 * What one record says, field by field. A list is a set: its order means nothing, so sources give it sorted.
 * Links to other records are fields too: a link that is taken away is then a change like any other.
 */
export type FieldValue = string | number | boolean | null | readonly string[]

/** Values by field name. A field that is absent was not told, which is not the same as null. */
export type Values = Readonly<Record<string, FieldValue>>

const isNothing = (value: FieldValue | undefined): boolean =>
  value === undefined || value === null || (typeof value === 'object' && value.length === 0)

/** Whether two values are the same; absent, null and a list of nothing are. */
export const same = (a: FieldValue | undefined, b: FieldValue | undefined): boolean => {
  if (a === b) return true
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b)
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/** Whether two records say the same of everything that either says something of. */
export const sameValues = (a: Values, b: Values): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((field) => same(a[field], b[field]))

/**
 * Of two lists what either side added and neither took away. Undefined when there are no two lists; a side that holds nothing
 * holds an empty list.
 */
export const mergeLists = ({
  base,
  theirs,
  ours,
}: Readonly<Record<'base' | 'theirs' | 'ours', FieldValue>>): readonly string[] | undefined => {
  if (!Array.isArray(theirs) && !Array.isArray(ours)) return undefined
  const [was, there, here] = [base, theirs, ours].map(
    (value) => new Set(Array.isArray(value) ? value : []),
  ) as [Set<string>, Set<string>, Set<string>]
  const isKept = (item: string): boolean => (was.has(item) ? there.has(item) && here.has(item) : true)
  return [...new Set([...here, ...there])].filter(isKept).sort()
}

/** Whether two texts are the same decimal number, however it is written. Anything that is no plain decimal is not. */
export const sameDecimal = (a: FieldValue, b: FieldValue): boolean => {
  const [one, other] = [plainDecimal(a), plainDecimal(b)]
  return one !== undefined && one === other
}

// Digits only, no arithmetic: nothing can be lost, however long it is.
const plainDecimal = (value: FieldValue): string | undefined => {
  const parts = /^([+-]?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(String(value ?? '').trim())
  if (!parts || !/\d/.test(String(value))) return undefined
  const [, sign, whole = '', part = ''] = parts
  const digits = `${whole || '0'}${part === '' ? '' : `.${part}`}`
  return sign === '-' && digits !== '0' ? `-${digits}` : digits
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

/** The values that are not empty: most fields of most records are, and absent is the same as null, so that a third is kept. */
export const filled = (values: Values): Values => {
  const kept: Record<string, FieldValue> = {}
  for (const field in values) {
    const value = storable(values[field] ?? null)
    if (value !== null) kept[field] = value
  }
  return kept
}
