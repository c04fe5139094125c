/**
 * What a user can cause is an answer, not an error: these are the members of result unions that say no.
 * They carry `__typename`, so a union needs no `__resolveType` for them.
 */
export interface StaleRefusal {
  __typename: 'Stale'
  code: 'STALE'
  message: string
  currentVersion: number
}
export interface InvalidRefusal {
  __typename: 'Invalid'
  code: string
  message: string
  field: string | null
}
export interface MissingRefusal {
  __typename: 'Missing'
  code: 'NOT_FOUND'
  message: string
}
export type Refusal = StaleRefusal | InvalidRefusal | MissingRefusal

/** Somebody was quicker. */
export const stale = (what: string, currentVersion: number): StaleRefusal => ({
  __typename: 'Stale',
  code: 'STALE',
  message: `${what} was changed since you read it. Read it again and decide anew.`,
  currentVersion,
})

/**
 * Something sent cannot be used.
 * @param field the input field it is about, null when it is about none
 * @param message a public sentence that says what is wrong and what to do
 */
export const invalid = (field: string | null, message: string, code = 'INVALID'): InvalidRefusal => ({
  __typename: 'Invalid',
  code,
  message,
  field,
})

/** What was named does not exist, or belongs to another organisation: the answer is the same. */
export const missing = (what: string): MissingRefusal => ({
  __typename: 'Missing',
  code: 'NOT_FOUND',
  message: `${what} was not found. Check its id.`,
})

const names: readonly unknown[] = ['Stale', 'Invalid', 'Missing']

/** Whether a command said no. Also true for refusals a domain made by hand in the same shape. */
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && '__typename' in value && names.includes(value.__typename)
