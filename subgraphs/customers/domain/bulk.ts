import type { RecordInput } from './judging-record.ts'
import type { RecordType } from './kinds.ts'

export type BulkDeed = 'CREATE' | 'UPDATE' | 'DELETE'

/** Most records of one change. */
export const MOST_CHANGED = 10_000
export const MOST_MADE = 5_000

const TYPES: Readonly<Record<string, RecordType>> = {
  company: 'companies',
  contact: 'contacts',
  deal: 'deals',
  ticket: 'tickets',
  task: 'tasks',
  note: 'notes',
}

/** The one kind of record that a set is about, and what it is to say; undefined when it is not exactly one. */
export const onlyOne = (
  set: Readonly<Record<string, unknown>>,
): { type: RecordType; input: RecordInput } | undefined => {
  const given = Object.entries(set).filter(([, value]) => value !== null && value !== undefined)
  const [one] = given
  const type = one && TYPES[one[0]]
  return given.length === 1 && one && type ? { type, input: one[1] as RecordInput } : undefined
}
