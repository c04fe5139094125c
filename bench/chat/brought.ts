/**
 * Sentences that somebody brings along in a file: one JSON object a line, `{"sentence", "operation", "variables"}`. Names are of
 * `world.ts`, by the ids there, and times by its clock. `operation` is null where nothing may come of a sentence.
 */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Meaning } from '../../chat/contract.ts'

const line = z.strictObject({
  sentence: z.string(),
  operation: z.string().nullable(),
  variables: z.record(z.string(), z.unknown()).default({}),
})

export type Brought = z.infer<typeof line>

/** Reads them. @throws when a line is not as it has to be; empty lines are passed over */
export const sentencesOf = (text: string): Brought[] =>
  text.split('\n').flatMap((json, at) => {
    if (json.trim() === '') return []
    try {
      return [line.parse(JSON.parse(json))]
    } catch (cause) {
      throw new Error(`line ${at + 1} must be {"sentence", "operation", "variables"}`, { cause })
    }
  })

export interface Verdict {
  is: 'exact' | 'other variables' | 'another' | 'refused' | 'reads' | 'plans'
  isRight: boolean
}

/** What came of a sentence, beside what was to come of it. */
export const judged = ({ operation, variables }: Brought, meaning: Meaning): Verdict => {
  if (meaning.kind !== 'OPERATION') return { is: 'refused', isRight: operation === null }
  if (operation === null) return { is: meaning.intent.isChange ? 'plans' : 'reads', isRight: false }
  if (meaning.intent.name !== operation) return { is: 'another', isRight: false }
  const isExact = isDeepStrictEqual(meaning.variables, variables)
  return { is: isExact ? 'exact' : 'other variables', isRight: isExact }
}
