/**
 * Who wins where a portal and the hub have both changed something (decision 15).
 *
 * word   a policy as people call it: which system wins, or how it is decided
 * side   of the systems that a word can name, HubSpot is the one side; the hub speaks for all others
 * rules  what somebody decided; everything else is as the hub takes for granted
 */
import { HUB_FIELDS, hubFields, MAPPED_TYPES, type MappedType } from './hub-fields.ts'
import { RECORD_TYPES, type RecordType } from './kinds.ts'
import { type LinkSides, mergeLinks } from './links.ts'
import { mappingOf, type Overrides } from './mapping.ts'
import { isOwnObject } from './own-objects.ts'

export const WORDS = [
  'HUBSPOT',
  'WARP',
  'C3',
  'HUB',
  'LAST_WRITE',
  'MERGE',
  'FILL_BLANK',
  'NEVER_CLEAR',
  'MANUAL',
] as const
export type Word = (typeof WORDS)[number]
/** The systems among the words. */
export type Owner = Extract<Word, 'HUBSPOT' | 'WARP' | 'C3' | 'HUB'>
export const DELETION_WORDS = ['HUBSPOT', 'HUB', 'MANUAL'] as const
export type DeletionWord = (typeof DELETION_WORDS)[number]

/** What somebody decided of a portal. */
export interface PolicyRules {
  fields: Readonly<Partial<Record<RecordType, Readonly<Record<string, Word>>>>>
  deletions: Readonly<Partial<Record<RecordType, DeletionWord>>>
  clockToleranceMs: number
  rank: number
}

/** What holds while nobody has decided anything. */
export const NO_RULES: PolicyRules = { fields: {}, deletions: {}, clockToleranceMs: 2_000, rank: 100 }

/** A policy that is kept beside a decision, as people call it: what was decided before there were words for it was HubSpot's. */
export const wordShown = (kept: string): Word => WORDS.find((word) => word === kept) ?? 'HUBSPOT'

/** What is taken for granted of fields, the first that fits first. */
export interface DefaultRule {
  type: RecordType | null
  /** A name, or how it begins with a star behind. */
  field: string
  word: Word
  owner: Owner
  because: string
}

const rule = (
  type: RecordType | null,
  field: string,
  word: Word,
  owner: Owner,
  because: string,
): DefaultRule => ({
  type,
  field,
  word,
  owner,
  because,
})
const MONEY = 'It is money: a person decides.'

export const DEFAULT_RULES: readonly DefaultRule[] = [
  rule('companies', 'warp_credit_limit', 'MANUAL', 'WARP', MONEY),
  rule('companies', 'annualrevenue', 'MANUAL', 'HUBSPOT', MONEY),
  rule('companies', 'total_revenue', 'MANUAL', 'HUBSPOT', MONEY),
  rule('deals', 'amount', 'MANUAL', 'HUBSPOT', MONEY),
  rule('deals', 'deal_currency_code', 'MANUAL', 'HUBSPOT', 'An amount is nothing without its currency.'),
  rule(null, '@*', 'MERGE', 'HUBSPOT', 'What either side linked or took away is meant so.'),
  rule(null, 'warp_*', 'WARP', 'WARP', 'WARP knows how it is set up and used.'),
  rule(null, 'c3_*', 'C3', 'C3', 'C3 knows what it quotes and stocks.'),
  rule(null, 'oppspot_*', 'HUB', 'HUB', 'The hub works it out.'),
  rule(null, 'cscx_*', 'HUB', 'HUB', 'The hub works it out.'),
  rule(null, 'ai_*', 'HUB', 'HUB', 'The hub works it out.'),
  ...['predicted_ltv', 'next_order_prediction', 'recommended_actions'].map((field) =>
    rule('companies', field, 'HUB', 'HUB', 'The hub works it out.'),
  ),
  rule(null, 'hub_*', 'HUB', 'HUB', 'The hub keeps it for itself.'),
  rule(null, '*', 'HUBSPOT', 'HUBSPOT', 'HubSpot is where customers are kept.'),
]
/** Of kinds of records that the hub makes up nobody else speaks. */
const OWN_RULE = rule(null, '*', 'WARP', 'WARP', 'WARP knows how it is set up and used.')
const LAST_RULE = DEFAULT_RULES.at(-1) as DefaultRule

const fits = ({ type, field: pattern }: DefaultRule, of: string, field: string): boolean =>
  (type === null || type === of) &&
  (pattern.endsWith('*') ? field.startsWith(pattern.slice(0, -1)) : field === pattern)

/** The rule that holds for a field while nobody has decided. */
export const defaultRule = (type: string, field: string): DefaultRule =>
  isOwnObject(type) ? OWN_RULE : (DEFAULT_RULES.find((each) => fits(each, type, field)) ?? LAST_RULE)

type Side = 'SOURCE' | 'HUB'
const sideOf = (owner: Owner): Side => (owner === 'HUBSPOT' ? 'SOURCE' : 'HUB')
const floorPolicy = (word: Word) =>
  word === 'HUBSPOT' || word === 'WARP' || word === 'C3' || word === 'HUB' ? sideOf(word) : word

/** A portal's amounts and their currencies, by type and property: what its mapping takes for money. */
export interface MoneyFields {
  amounts: ReadonlySet<string>
  currencies: ReadonlySet<string>
}

/** Which properties of a portal hold money. What WARP measures is not up for decision. */
export const moneyFields = (overrides: Partial<Record<MappedType, Overrides>>): MoneyFields => {
  const named = (kind: 'MONEY' | 'CURRENCY') =>
    new Set(
      MAPPED_TYPES.flatMap((type) =>
        Object.keys(HUB_FIELDS[type])
          .filter((field) => hubFields(type)[field]?.kind === kind)
          .flatMap((field) => mappingOf(type, field, overrides[type] ?? {}).properties)
          .map((property) => `${type}/${property}`),
      ),
    )
  return { amounts: named('MONEY'), currencies: named('CURRENCY') }
}

/** Who wins a field: the word, whose field it is, and whether anybody decided. */
export const fieldPolicy = (
  rules: PolicyRules,
  money: MoneyFields,
  type: string,
  field: string,
): { word: Word; owner: Owner; isDefault: boolean } => {
  const lead = leadOf(money, type, field)
  const decided = rules.fields[type as RecordType]?.[lead]
  const taken = defaultRule(type, lead)
  // A portal may keep its money under names of its own.
  const isMoney = taken === LAST_RULE && money.amounts.has(`${type}/${lead}`)
  return {
    word: decided ?? (isMoney ? 'MANUAL' : taken.word),
    owner: taken.owner,
    isDefault: decided === undefined,
  }
}

// A currency follows the amount it belongs to: both are settled in one way.
const leadOf = (money: MoneyFields, type: string, field: string): string =>
  money.currencies.has(`${type}/${field}`) ? (ofType(money.amounts, type)[0] ?? field) : field

const ofType = (names: ReadonlySet<string>, type: string): string[] =>
  [...names].filter((name) => name.startsWith(`${type}/`)).map((name) => name.slice(type.length + 1))

/** Whether a field follows another one, and cannot be decided of by itself. */
export const follows = (money: MoneyFields, type: string, field: string): string | undefined => {
  const lead = leadOf(money, type, field)
  return lead === field ? undefined : lead
}

/** Who wins when one side deleted a record: as decided, else HubSpot. */
export const deletionPolicy = (rules: PolicyRules, type: string): DeletionWord =>
  isOwnObject(type) ? 'HUB' : (rules.deletions[type as RecordType] ?? 'HUBSPOT')

/**
 * A portal's rules as the engine asks them.
 * @param isDerived whether the portal works a property out by itself
 */
export const tableOf = (
  { version, rules }: { version: number; rules: PolicyRules },
  money: MoneyFields = moneyFields({}),
  isDerived: (type: string, field: string) => boolean = () => false,
) => {
  const known = new Map<string, ReturnType<typeof fieldPolicy>>()
  const of = (type: string, field: string) => {
    const name = `${type}/${field}`
    const found = known.get(name) ?? fieldPolicy(rules, money, type, field)
    known.set(name, found)
    return found
  }
  const together = new Map(
    RECORD_TYPES.map((type) => {
      const currencies = ofType(money.currencies, type)
      return [type as string, currencies.length === 0 ? [] : [...ofType(money.amounts, type), ...currencies]]
    }),
  )
  return {
    version,
    clockToleranceMs: rules.clockToleranceMs,
    of: (type: string, field: string) => floorPolicy(of(type, field).word),
    wordOf: (type: string, field: string) => of(type, field).word,
    wordOfDeletion: (type: string) => deletionPolicy(rules, type),
    isOurs: isOwnObject,
    ownerOf: (type: string, field: string) => sideOf(of(type, field).owner),
    ofDeletion: (type: string) => {
      const word = deletionPolicy(rules, type)
      return word === 'HUBSPOT' ? 'SOURCE' : word
    },
    merge: (_: string, field: string, sides: LinkSides) =>
      field.startsWith('@') ? mergeLinks(sides) : undefined,
    together: (type: string, field: string) => {
      const all = together.get(type) ?? []
      return all.includes(field) ? all.filter((each) => each !== field) : []
    },
    isDerived,
    isDecimal: (type: string, field: string) => money.amounts.has(`${type}/${field}`),
  }
}
