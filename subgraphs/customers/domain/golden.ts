/**
 * Which of the values that a customer's accounts say stands for the customer.
 *
 * golden record  the values that stand for a customer, one of each field
 * rule           how the value of a field is chosen, and which systems are heard
 * pin            a value that somebody decided by hand for one customer: no rule is asked then
 */
import { normalName, registrableDomain } from './names.ts'

export const GOLDEN_FIELDS = [
  'NAME',
  'DOMAIN',
  'INDUSTRY',
  'LIFECYCLE_STAGE',
  'OWNER',
  'PHONE',
  'WEBSITE',
  'CITY',
  'COUNTRY',
  'EMPLOYEES',
  'ANNUAL_REVENUE',
] as const
export type GoldenField = (typeof GOLDEN_FIELDS)[number]

/** Each field's name in the graph. */
export const SHOWN_AS = {
  NAME: 'name',
  DOMAIN: 'domain',
  INDUSTRY: 'industry',
  LIFECYCLE_STAGE: 'lifecycleStage',
  OWNER: 'owner',
  PHONE: 'phone',
  WEBSITE: 'website',
  CITY: 'city',
  COUNTRY: 'country',
  EMPLOYEES: 'employees',
  ANNUAL_REVENUE: 'annualRevenue',
} as const satisfies Record<GoldenField, string>

export type HeardSystem = 'HUBSPOT' | 'C3' | 'WARP'
export type ValueChoice = 'LEADING' | 'FIRST' | 'NEWEST' | 'LONGEST' | 'MOST_SAID'

/** How a field's value is chosen. Systems that are not named are not heard. */
export interface GoldenRule {
  choose: ValueChoice
  systems: readonly HeardSystem[]
}
export type GoldenRules = Readonly<Record<GoldenField, GoldenRule>>
/** The rules that somebody decided; the other fields are as by default. */
export type DecidedRules = Readonly<Partial<Record<GoldenField, GoldenRule>>>

const EVERYBODY: GoldenRule = { choose: 'LEADING', systems: ['HUBSPOT', 'C3', 'WARP'] }
const HUBSPOT_ALONE: GoldenRule = { choose: 'LEADING', systems: ['HUBSPOT'] }

/** What holds while nobody has decided otherwise: HubSpot keeps the customers, the others are asked for what makes a name. */
export const DEFAULT_RULES: GoldenRules = Object.fromEntries(
  GOLDEN_FIELDS.map((field) => [field, field === 'NAME' || field === 'DOMAIN' ? EVERYBODY : HUBSPOT_ALONE]),
) as Record<GoldenField, GoldenRule>

/** The rules as they hold. */
export const rulesWith = (decided: DecidedRules): GoldenRules => ({ ...DEFAULT_RULES, ...decided })

const sameRule = (a: GoldenRule, b: GoldenRule): boolean =>
  a.choose === b.choose && a.systems.join() === b.systems.join()

/** The fields whose rules differ. */
export const differingFields = (a: DecidedRules, b: DecidedRules): GoldenField[] =>
  GOLDEN_FIELDS.filter((field) => !sameRule(rulesWith(a)[field], rulesWith(b)[field]))

/** Rules with some decided anew. What is decided as by default anyway is not kept as decided. */
export const decidedWith = (
  held: DecidedRules,
  asked: readonly (GoldenRule & { field: GoldenField })[],
): DecidedRules => {
  const all = {
    ...held,
    ...Object.fromEntries(asked.map(({ field, choose, systems }) => [field, { choose, systems }])),
  }
  return Object.fromEntries(
    GOLDEN_FIELDS.flatMap((field) => {
      const rule = all[field]
      return rule && !sameRule(rule, DEFAULT_RULES[field]) ? [[field, rule]] : []
    }),
  )
}

const NOT_BY_LENGTH: readonly GoldenField[] = ['OWNER', 'EMPLOYEES', 'ANNUAL_REVENUE']

/** What is wrong with rules, for people; undefined when nothing is. */
export const faultOfGoldenRules = (
  rules: readonly (GoldenRule & { field: GoldenField })[],
): string | undefined => {
  if (rules.length === 0) return 'Name at least one field.'
  if (new Set(rules.map(({ field }) => field)).size < rules.length) return 'Name each field once.'
  for (const { field, choose, systems } of rules) {
    if (systems.length === 0) return `Name at least one system that is heard for ${field}.`
    if (new Set(systems).size < systems.length) return `Name each system once for ${field}.`
    if (choose === 'LONGEST' && NOT_BY_LENGTH.includes(field))
      return `The longest is no choice for ${field}: take LEADING, FIRST, NEWEST or MOST_SAID.`
  }
  return undefined
}

/** A live account of a customer and what it says. Those of one system come in their order: the leading one first. */
export interface SayingAccount {
  system: HeardSystem
  accountId: string
  externalId: string
  observedAt: Date | null
  says: Readonly<Partial<Record<GoldenField, string | null>>>
}

/** The value that stands for a customer, and who says it: nobody when it was decided by hand. */
export interface Chosen {
  value: string | null
  account: SayingAccount | null
  isPinned: boolean
}

const NOTHING: Chosen = { value: null, account: null, isPinned: false }

/** Accounts in the order of their systems; those of systems that are not named are left out. */
const heardBy = (accounts: readonly SayingAccount[], systems: readonly HeardSystem[]): SayingAccount[] =>
  systems.flatMap((system) => accounts.filter((account) => account.system === system))

/** Values that mean the same: names without legal forms, the rest whatever their case. */
const sameness = (field: GoldenField, value: string): string =>
  field === 'NAME' ? normalName(value) : value.trim().toLowerCase()

const CHOICES: Record<
  ValueChoice,
  (said: readonly SayingAccount[], field: GoldenField) => SayingAccount | undefined
> = {
  // Of each system only the account that leads it came this far.
  LEADING: ([first]) => first,
  FIRST: ([first]) => first,
  NEWEST: (said) => best(said, ({ observedAt }) => observedAt?.getTime() ?? Number.NEGATIVE_INFINITY),
  LONGEST: (said, field) => best(said, ({ says }) => says[field]?.length ?? 0),
  MOST_SAID: (said, field) => {
    const groups = Map.groupBy(said, ({ says }) => sameness(field, says[field] ?? ''))
    return best([...groups.values()], (group) => group.length)?.[0]
  },
}

/** The first of those that are greatest. */
const best = <T>(list: readonly T[], size: (one: T) => number): T | undefined =>
  list.reduce<T | undefined>(
    (held, one) => (held === undefined || size(one) > size(held) ? one : held),
    undefined,
  )

/** Chooses the value of one field. A customer is always called something: where nobody heard says a name, anybody does. */
export const chooseValue = (
  field: GoldenField,
  rule: GoldenRule,
  accounts: readonly SayingAccount[],
  pin: string | undefined,
): Chosen => {
  if (pin !== undefined) return { value: pin, account: null, isPinned: true }
  const heard = heardBy(accounts, rule.systems)
  const asked =
    rule.choose === 'LEADING' ? heard.filter((account, n) => account.system !== heard[n - 1]?.system) : heard
  const account = CHOICES[rule.choose](
    asked.filter(({ says }) => says[field] != null),
    field,
  )
  if (account) return { value: account.says[field] ?? null, account, isPinned: false }
  return field === 'NAME' && rule !== EVERYBODY ? chooseValue(field, EVERYBODY, accounts, pin) : NOTHING
}

/** What is kept in the customer's own row, to search, filter and order by. */
export interface KeptValues {
  name: string
  domain: string | null
  industry: string | null
  lifecycle_stage: string | null
  owner_id: string | null
}
export const KEPT_FIELDS = ['NAME', 'DOMAIN', 'INDUSTRY', 'LIFECYCLE_STAGE', 'OWNER'] as const
export type KeptField = (typeof KEPT_FIELDS)[number]
export const KEPT_AS = {
  NAME: 'name',
  DOMAIN: 'domain',
  INDUSTRY: 'industry',
  LIFECYCLE_STAGE: 'lifecycle_stage',
  OWNER: 'owner_id',
} as const satisfies Record<KeptField, keyof KeptValues>

/** Only HubSpot says these: while a customer's company there is gone, what it said last stays. */
const STAY: readonly KeptField[] = ['INDUSTRY', 'LIFECYCLE_STAGE', 'OWNER']

/** A customer as it stands: what its row keeps, and what its live accounts say. */
export interface StandingCustomer {
  held: KeptValues
  accounts: readonly SayingAccount[]
  pins: Readonly<Partial<Record<GoldenField, string>>>
  /** Whether the HubSpot company that spoke for it last is still with it, live or gone. */
  hasLead: boolean
}

/**
 * What a customer's row is to keep. A customer without a live account keeps what it had.
 * @param freed a field that was decided by hand until now: what stands in it is nobody's word
 */
export const keptValues = (
  { held, accounts, pins, hasLead }: StandingCustomer,
  rules: GoldenRules,
  freed?: GoldenField,
): KeptValues => {
  const stays = accounts.length === 0 || (hasLead && !accounts.some(({ system }) => system === 'HUBSPOT'))
  const keep = (field: KeptField): string | null => {
    const { value, isPinned } = chooseValue(field, rules[field], accounts, pins[field])
    const stands = stays && field !== freed && (accounts.length === 0 || STAY.includes(field))
    return stands && !isPinned && value === null ? held[KEPT_AS[field]] : value
  }
  return {
    name: keep('NAME') ?? held.name,
    domain: keep('DOMAIN'),
    industry: keep('INDUSTRY'),
    lifecycle_stage: keep('LIFECYCLE_STAGE'),
    owner_id: keep('OWNER'),
  }
}

/** The kept fields in which two rows differ. */
export const movedFields = (a: KeptValues, b: KeptValues): KeptField[] =>
  KEPT_FIELDS.filter((field) => a[KEPT_AS[field]] !== b[KEPT_AS[field]])

/** A value that other rules would change. */
export interface GoldenMoveRow {
  customerId: string
  field: GoldenField
  before: string | null
  after: string | null
}

/** The rules as they are asked for: which version holds, and what somebody decided. */
export interface GoldenRulesRow {
  version: number
  decided: DecidedRules
}

const LONGEST_VALUE = 300

/** A value as it is kept when somebody decides it by hand, or what is wrong with it, for people. Owners are looked up by the caller. */
export const pinnedValue = (field: GoldenField, said: string): { value: string } | { wrong: string } => {
  const value = said.trim()
  if (value === '')
    return { wrong: 'Say a value; to have none decided by hand, give the field back to the rules.' }
  if (value.length > LONGEST_VALUE) return { wrong: `Say it in at most ${LONGEST_VALUE} letters.` }
  switch (field) {
    case 'DOMAIN': {
      const domain = registrableDomain(value)
      return domain ? { value: domain } : { wrong: 'A web domain is written like example.com.' }
    }
    case 'EMPLOYEES':
      return /^\d{1,9}$/.test(value)
        ? { value: String(Number(value)) }
        : { wrong: 'Say how many people work there as a whole number.' }
    case 'ANNUAL_REVENUE':
      return /^\d{1,15}(\.\d{1,4})? [A-Z]{3}$/.test(value)
        ? { value }
        : { wrong: 'Say the revenue as amount and currency, such as 120000.00 EUR.' }
    default:
      return { value }
  }
}

/** A revenue as it is said in one text: the amount and the currency. */
export const revenueOf = (said: string | null): { amount: string; currency: string } | null => {
  const [amount, currency] = said?.split(' ') ?? []
  return amount && currency ? { amount, currency } : null
}
