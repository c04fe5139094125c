import { z } from 'zod'
import { KINDS } from './kinds.ts'
import { type PolicyRules, WORDS } from './policy.ts'

/**
 * What somebody decided of who wins against C3, as a file, to be kept or taken to another connection. The form is described in
 * docs/conflicts.md; `format` goes up when an older hub could not read it.
 */
const FORMAT = 'tributary-c3-policy/1'

const document = z.strictObject({
  format: z.literal(FORMAT),
  fields: z.partialRecord(z.enum(KINDS), z.record(z.string().max(255), z.enum(WORDS))).default({}),
  clockToleranceMs: z.int(),
})

/** Such files. What the hub takes for granted is left out of them. */
export const POLICY_FORM = {
  format: FORMAT,
  what: 'a policy for C3',
  shape: document.transform(({ format, ...rules }): PolicyRules => ({ ...rules, deletions: {} })),
  kept: ({ fields, clockToleranceMs }: PolicyRules) => ({ fields, clockToleranceMs }),
}
