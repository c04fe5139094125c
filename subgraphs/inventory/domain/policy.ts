/**
 * Who wins where C3 and the hub have both changed something of a record (decision 15).
 *
 * word   a policy as people call it: which system wins, or how it is decided
 * rules  what somebody decided; everything else is as the hub takes for granted
 */
import { lineOf, stockIdOf } from './rfq-fields.ts'

export const WORDS = ['C3', 'HUB', 'LAST_WRITE', 'FILL_BLANK', 'NEVER_CLEAR', 'MANUAL'] as const
export type Word = (typeof WORDS)[number]

/** What somebody decided of a connection. What C3 deleted is gone: nothing can be made there anew. */
export interface PolicyRules {
  fields: Readonly<Partial<Record<string, Readonly<Record<string, Word>>>>>
  deletions: Readonly<Record<string, never>>
  clockToleranceMs: number
}

/** What holds while nobody has decided anything. */
export const NO_RULES: PolicyRules = { fields: {}, deletions: {}, clockToleranceMs: 2_000 }

/** A policy that is kept beside a decision, as people call it. */
export const wordShown = (kept: string): Word => WORDS.find((word) => word === kept) ?? 'C3'

/** What is taken for granted of fields, the first that fits first. */
interface DefaultRule {
  type: string | null
  /** A name, or how it begins with a star behind. */
  field: string
  word: Word
  because: string
}

const rule = (type: string | null, field: string, word: Word, because: string): DefaultRule => ({
  ...{ type, field, word, because },
})
const MONEY = 'It is money: a person decides.'
const SPOKEN = 'Whoever spoke with the customer last knows it best.'

export const DEFAULT_RULES: readonly DefaultRule[] = [
  rule('rfqs', 'price.*', 'MANUAL', MONEY),
  rule('rfqs', 'total', 'MANUAL', MONEY),
  rule('rfqs', 'buyer', 'LAST_WRITE', SPOKEN),
  rule('rfqs', 'note', 'LAST_WRITE', SPOKEN),
  rule('rfqs', 'dueAt', 'LAST_WRITE', SPOKEN),
  rule(null, '*', 'C3', 'C3 knows what it quotes and stocks.'),
]

/** The fields that both sides may change, and that can be decided about: of requests for prices. */
export const DECIDABLE = ['status', 'buyer', 'note', 'dueAt', 'price.*', 'reserved.*'] as const

const fits = ({ type, field: pattern }: DefaultRule, of: string, field: string): boolean =>
  (type === null || type === of) &&
  (pattern.endsWith('*') ? field.startsWith(pattern.slice(0, -1)) : field === pattern)

/** Prices of lines are decided about alike, and so is what is held of stock rows. */
const leadOf = (field: string): string => {
  if (lineOf(field) !== undefined) return 'price.*'
  return stockIdOf(field) === undefined ? field : 'reserved.*'
}

/** Who wins a field, and whether anybody decided. */
export const fieldPolicy = (
  { fields }: PolicyRules,
  type: string,
  field: string,
): { word: Word; isDefault: boolean } => {
  const decided = fields[type]?.[leadOf(field)]
  const taken = DEFAULT_RULES.find((each) => fits(each, type, field))?.word ?? 'C3'
  return { word: decided ?? taken, isDefault: decided === undefined }
}

/** What is wrong with a connection's rules, beside what would be with every vendor's. */
export const POLICY_CHECKS = {
  field: (type: string, field: string): string | undefined =>
    type === 'rfqs' && DECIDABLE.some((each) => each === field)
      ? undefined
      : `What both sides may change, and can be decided about, are of rfqs ${DECIDABLE.join(', ')}.`,
}

/** The rules as the engine asks them. Where clocks are too close to tell who was last, a person decides. */
export const tableOf = ({ version, rules }: { version: number; rules: PolicyRules }) => {
  const wordOf = (type: string, field: string) => fieldPolicy(rules, type, field).word
  return {
    version,
    clockToleranceMs: rules.clockToleranceMs,
    of: (type: string, field: string) => {
      const word = wordOf(type, field)
      return word === 'C3' ? 'SOURCE' : word
    },
    wordOf,
    wordOfDeletion: () => 'C3',
    isTieOpen: () => true,
    isDecimal: (type: string, field: string) => type === 'rfqs' && /^(price\.|total$)/.test(field),
  } as const
}
