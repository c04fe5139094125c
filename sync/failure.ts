import { codeOf } from '#db/errors.ts'
import { isHubError } from '#kernel/errors.ts'

/** Why a record could not be brought over, in words that name nothing of what the record says. */
export interface Explained {
  code: string
  reason: string
  guidance: string
}

const TOO_LONG: Explained = {
  code: 'HUB_RECORD_TOO_LONG',
  reason: 'A value of the record is longer than the hub can keep.',
  guidance: 'Shorten the longest texts of the record at the source. It is then brought over by itself.',
}
const UNFIT: Explained = {
  code: 'HUB_RECORD_VALUE_UNFIT',
  reason:
    'A value of the record is not of the kind its field promises, such as a text in a field of numbers.',
  guidance:
    'Correct the record’s dates, numbers and choices at the source. It is then brought over by itself.',
}
const CONFLICTS: Explained = {
  code: 'HUB_RECORD_CONFLICTS',
  reason: 'The record breaks a rule that the hub’s records keep.',
  guidance:
    'Look whether a required value is missing or a value is used by two records, and correct it at the source. Then replay it.',
}
const UNREADABLE: Explained = {
  code: 'HUB_RECORD_UNREADABLE',
  reason: 'The hub did not understand the record.',
  guidance: 'Tell your administrator the record’s id and this code. Replay it once the hub has been mended.',
}

const NEXT_STEP = {
  now: 'It is tried again by itself; replay it when you cannot wait.',
  later: 'It is tried again by itself; replay it when you cannot wait.',
  never: 'Put right what the sentence names, then replay it.',
} as const

// Classes of PostgreSQL's error codes: 22 a value, 23 a rule, 54 a size.
const BY_STATE: [state: RegExp, says: Explained][] = [
  [/^(22001|54)/, TOO_LONG],
  [/^22/, UNFIT],
  [/^23/, CONFLICTS],
]

/** Says why a record failed and what to do. Whatever the error quotes of the record stays behind. */
export const explain = (error: unknown): Explained => {
  if (isHubError(error)) return { code: error.code, reason: error.message, guidance: NEXT_STEP[error.retry] }
  const state = codeOf(error) ?? ''
  return BY_STATE.find(([pattern]) => pattern.test(state))?.[1] ?? UNREADABLE
}
