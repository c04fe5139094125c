import { z } from 'zod'
import { RECORD_TYPES, type RecordType } from './kinds.ts'
import { DELETION_WORDS, type PolicyRules, WORDS } from './policy.ts'

/**
 * What somebody decided of who wins, as a file, to be kept or taken to another portal. The form is described in docs/conflicts.md;
 * `format` goes up when an older hub could not read it.
 */
const FORMAT = 'tributary-policy/1'

const types = z.enum(RECORD_TYPES as [RecordType, ...RecordType[]])
const document = z.strictObject({
  format: z.literal(FORMAT),
  fields: z.partialRecord(types, z.record(z.string().max(255), z.enum(WORDS))).default({}),
  deletions: z.partialRecord(types, z.enum(DELETION_WORDS)).default({}),
  clockToleranceMs: z.int(),
  rank: z.int(),
})

/** Such files. What the hub takes for granted is left out of them. */
export const POLICY_FORM = {
  format: FORMAT,
  what: 'a policy',
  shape: document.transform(({ format, ...rules }): PolicyRules => rules),
  kept: ({ fields, deletions, clockToleranceMs, rank }: PolicyRules) => ({
    ...{ fields, deletions, clockToleranceMs, rank },
  }),
}
