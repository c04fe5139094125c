import { z } from 'zod'
import { RECORD_TYPES, type RecordType } from './kinds.ts'
import { DELETION_WORDS, type PolicyRules, WORDS } from './policy.ts'
import { readFile, writeFile } from './settings-file.ts'

/**
 * What somebody decided of who wins, as a file, to be kept or taken to another portal. The form is described in docs/conflicts.md;
 * `format` goes up when an older hub could not read it.
 */
export const FORMAT = 'tributary-policy/1'

const types = z.enum(RECORD_TYPES as [RecordType, ...RecordType[]])
const document = z.strictObject({
  format: z.literal(FORMAT),
  fields: z.partialRecord(types, z.record(z.string().max(255), z.enum(WORDS))).default({}),
  deletions: z.partialRecord(types, z.enum(DELETION_WORDS)).default({}),
  clockToleranceMs: z.int(),
  rank: z.int(),
})

/** Writes what somebody decided; what the hub takes for granted is left out. */
export const writePolicy = ({ fields, deletions, clockToleranceMs, rank }: PolicyRules): string =>
  writeFile(FORMAT, { fields, deletions, clockToleranceMs, rank })

/** Reads such a file. @returns the rules it holds, or what is wrong with it */
export const readPolicy = (text: string): { rules: PolicyRules } | { wrong: string } => {
  const read = readFile(text, { format: FORMAT, what: 'a policy', shape: document })
  if ('wrong' in read) return read
  const { format, ...rules } = read.content
  return { rules }
}
