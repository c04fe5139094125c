/**
 * What an export writes: a line of JSON for each thing.
 *
 * record     a record that is there, as its list shows it
 * tombstone  a record that is gone
 * resume     behind each page: from where the export can be taken up again
 * end        the last line of a whole export: from where `changes` goes on
 * error      the last line of one that broke off
 */
import { z } from 'zod'
import { BadInput } from '#kernel/errors.ts'
import type { Missing } from '../rest/missing.ts'
import type { Problem } from '../rest/problems.ts'

export type Line =
  | { type: string; id: string; operation: 'CHANGED'; record: unknown }
  | { type: string; id: string; operation: 'DELETED'; at: string; version: string }
  | { resume: string }
  | { cursor: string | null; records: number; deleted: number; missing?: readonly Missing[] }
  | { error: Problem; resume: string }

/** Lines as they are sent. */
export const written = (lines: readonly Line[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('')

/** How far an export has come. */
export interface Place {
  /** Where changes stood when it was begun; null for callers who are not told of changes. */
  head: string | null
  /** Which of the kind's lists is read; as many as there are: the gone records are. */
  list: number
  /** Behind which cursor of that list. */
  after: string | null
}

const place = z.tuple([
  z.string(),
  z.string().max(500).nullable(),
  z.int().min(0).max(10),
  z.string().max(2000).nullable(),
])

/** A place as callers send it back. */
export const resumeAt = (kind: string, { head, list, after }: Place): string =>
  Buffer.from(JSON.stringify([kind, head, list, after])).toString('base64url')

/** @throws BAD_INPUT when it is of no export, or of one of another kind */
export const placeOf = (kind: string, sent: string): Place => {
  const read = place.safeParse(parsed(sent))
  if (!read.success || read.data[0] !== kind)
    throw BadInput.with({ field: 'after', reason: 'is not a `resume` of an export of this kind' })
  const [, head, list, after] = read.data
  return { head, list, after }
}

const parsed = (sent: string): unknown => {
  try {
    return JSON.parse(Buffer.from(sent, 'base64url').toString())
  } catch {
    // Nothing of ours.
    return undefined
  }
}
