import { type Counts, information, NO_COUNTS, placeInformation, populationOf } from './counts.ts'
import {
  ASKS_FROM,
  type Judgement,
  LINKS_FROM,
  type MatchField,
  type MatchRule,
  MODEL,
  type Verdict,
  type WaterfallRow,
} from './judgement.ts'
import type { LegalForm } from './legal-forms.ts'
import type { Name } from './name.ts'
import { compareNames, isDistinctive, type NamesCompared } from './names-alike.ts'
import {
  domainKey,
  isNamedSo,
  nameKey,
  namePairs,
  type Profile,
  phoneKey,
  placeKey,
  tellingOf,
} from './profile.ts'

// Odds of a pair by what it shares, where nobody else has it; the prior cancels out, since such pairs grow as accounts do and not as
// pairs do. docs/decisions/0025 says where each comes from.
const ODDS = {
  /** Nine in ten accounts that alone share a web domain are one customer; the others are of one group. */
  domain: Math.log2(9),
  /** Of a telephone number two in three: houses have tenants, and accountants have clients. */
  phone: Math.log2(0.5),
  /** A person wrote the one's number into the other's record. */
  ban: Math.log2(50),
  /** A whole name of several words that no two accounts of one source have. */
  wholeName: Math.log2(20),
} as const
/** More accounts of one source than this at one domain or number say that it is no customer's own. */
const SHARED_BY_MANY = 4

const DIFFERENT_DOMAIN = Math.log2(0.1)
const OTHER_ENDING = 3
const DOMAIN_SAYS_NAME = 4
const OTHER_PHONE = -0.3
// Two accounts of one business name the same place four times in five.
const SAME_PLACE = Math.log2(0.8)
const OTHER_PLACE = -1.5
const OTHER_COUNTRY = -2

interface Step {
  field: MatchField
  a: string | null
  b: string | null
  level: string
  weight: number
}

const shownLegal = (form: LegalForm | null): string | null => form?.form ?? null

const legalStep = (a: Profile, b: Profile): Step & { differ: boolean } => {
  const [one, two] = [a.parsed.legalForm, b.parsed.legalForm]
  const step = { field: 'LEGAL_FORM' as const, a: shownLegal(one), b: shownLegal(two) }
  if (!one || !two) return { ...step, level: 'MISSING', weight: 0, differ: false }
  if (one.form === two.form) return { ...step, level: 'EXACT', weight: 1, differ: false }
  if (!one.countries || !two.countries) return { ...step, level: 'OPEN', weight: 0, differ: false }
  const common = [...one.countries].some((country) => two.countries!.has(country))
  return common
    ? { ...step, level: 'SAME_COUNTRY', weight: -1.5, differ: false }
    : { ...step, level: 'OTHER_COUNTRY', weight: -4, differ: true }
}

const shared = (count: number, odds: number, prior: number): number =>
  count > SHARED_BY_MANY ? 0 : odds - prior - Math.log2(Math.max(1, count) ** 2)

const domainStep = (a: Profile, b: Profile, names: NamesCompared, counts: Counts, prior: number): Step => {
  const step = { field: 'DOMAIN' as const, a: a.ownDomain, b: b.ownDomain }
  if (a.ownDomain && a.ownDomain === b.ownDomain) {
    const count = counts.of(domainKey(a.ownDomain))
    const level = count > SHARED_BY_MANY ? 'SHARED_BY_MANY' : 'EXACT'
    return { ...step, level, weight: shared(count, ODDS.domain, prior) }
  }
  if (a.label && b.label) {
    const [one, two] = [a.label.compact, b.label.compact]
    if (one === two) return { ...step, level: 'OTHER_ENDING', weight: OTHER_ENDING }
    const [short, long] = one.length < two.length ? [one, two] : [two, one]
    if (short.length >= 4 && long.startsWith(short)) return { ...step, level: 'BEGINS_ALIKE', weight: 0 }
    return { ...step, level: 'DIFFERENT', weight: DIFFERENT_DOMAIN }
  }
  if (names.level !== 'EXACT' && (isNamedSo(a, b) || isNamedSo(b, a)))
    return { ...step, level: 'SAYS_THE_NAME', weight: DOMAIN_SAYS_NAME }
  return { ...step, level: 'MISSING', weight: 0 }
}

const phoneStep = (a: Profile, b: Profile, counts: Counts, prior: number): Step => {
  const step = { field: 'PHONE' as const, a: null, b: null }
  if (a.phones.length === 0 || b.phones.length === 0) return { ...step, level: 'MISSING', weight: 0 }
  const common = a.phones
    .filter((phone) => b.phones.includes(phone))
    .map((phone) => counts.of(phoneKey(phone)))
  if (common.length === 0) return { ...step, level: 'DIFFERENT', weight: OTHER_PHONE }
  const count = Math.min(...common)
  return {
    ...step,
    level: count > SHARED_BY_MANY ? 'SHARED_BY_MANY' : 'EXACT',
    weight: shared(count, ODDS.phone, prior),
  }
}

const banStep = (a: Profile, b: Profile, prior: number): Step => {
  const step = { field: 'BAN' as const, a: a.ban, b: b.ban }
  if (!a.ban || !b.ban) return { ...step, level: 'MISSING', weight: 0 }
  return a.ban === b.ban
    ? { ...step, level: 'EXACT', weight: ODDS.ban - prior }
    : { ...step, level: 'DIFFERENT', weight: -2 }
}

const placeStep = (a: Profile, b: Profile, counts: Counts): Step => {
  const step = { field: 'PLACE' as const, a: a.place ?? a.country, b: b.place ?? b.country }
  const same = (one: string | null, two: string | null) => (one && two ? one === two : undefined)
  const [place, country] = [same(a.where.place, b.where.place), same(a.where.country, b.where.country)]
  if (country === false) return { ...step, level: 'OTHER_COUNTRY', weight: OTHER_COUNTRY }
  if (place === undefined) return { ...step, level: 'MISSING', weight: 0 }
  if (!place) return { ...step, level: 'DIFFERENT', weight: OTHER_PLACE }
  const told = placeInformation(placeKey(a.where.place!), counts)
  return { ...step, level: 'EXACT', weight: Math.max(0, SAME_PLACE + told) }
}

/** Two names as they were compared. */
interface Compared extends NamesCompared {
  one: Name
  two: Name
}

// Of several names that accounts go by, those that leave the fewest questions open; of these the ones that say most.
const bestNames = (a: Profile, b: Profile, counts: Counts): Compared =>
  namePairs(a, b)
    .map(([one, two]): Compared => ({ ...compareNames(one, two, counts), one, two }))
    .reduce((best, each) =>
      each.rules.length < best.rules.length ||
      (each.rules.length === best.rules.length && each.weight > best.weight)
        ? each
        : best,
    )

const nameStep = (
  a: Profile,
  b: Profile,
  { one, two, ...names }: Compared,
  counts: Counts,
  prior: number,
): Step => {
  const step = { field: 'NAME' as const, a: a.name, b: b.name, level: names.level, weight: names.weight }
  const key = nameKey(one)
  if (names.level !== 'EXACT' || key !== nameKey(two)) return step
  const telling = tellingOf(one)
  const alone = (word: string): number => {
    const fillers = one.words.length + two.words.length - 2 * telling.length
    return information(word, counts, key) - fillers / 2
  }
  // Others may have the word in their names too: what counts is how many are called this and nothing else.
  if (telling.length === 1) return { ...step, weight: Math.max(step.weight, alone(telling[0]!)) }
  // What is learned from an organisation: where no two accounts of a source have one name, two of different sources hardly would.
  return counts.of(key) === 1 ? { ...step, weight: Math.max(step.weight, ODDS.wholeName - prior) } : step
}

/** Where a rule puts the upper bound of the score. */
const JUST_ASKS = LINKS_FROM - 1
const BOUNDS: Readonly<Record<MatchRule, number>> = {
  NUMBERS_DIFFER: 20,
  NUMBER_ON_ONE_SIDE: JUST_ASKS,
  DOMAINS_DIFFER: JUST_ASKS,
  PLACES_DIFFER: JUST_ASKS,
  PART_OF_GROUP: JUST_ASKS,
  WORD_ON_ONE_SIDE: JUST_ASKS,
  WORDS_DIFFER: JUST_ASKS,
  LEGAL_FORMS_DIFFER: JUST_ASKS,
  NAME_UNLIKE: JUST_ASKS,
  DESCRIPTIVE_NAME: JUST_ASKS,
  SLIP_ALONE: JUST_ASKS,
  INITIALS_ALONE: JUST_ASKS,
  SUPPLIER: JUST_ASKS,
  SAME_SOURCE: 100,
}

/** Domains that say of names which differ by a slip that they are the same. */
const SAYS: ReadonlySet<string> = new Set(['OTHER_ENDING', 'SAYS_THE_NAME'])

const isBoth = (steps: readonly Step[], field: MatchField): boolean =>
  steps.some((step) => step.field === field && step.level === 'EXACT')

/** Rules that hold of a pair after what is stronger than they has lifted some. */
const rulesOf = (
  a: Profile,
  b: Profile,
  { names, legalDiffers, steps }: { names: Compared; legalDiffers: boolean; steps: readonly Step[] },
): MatchRule[] => {
  const hasBan = isBoth(steps, 'BAN')
  const label = isBoth(steps, 'DOMAIN') ? (a.label?.compact ?? '') : ''
  const rules = names.rules.filter((rule) => {
    if (rule === 'NUMBERS_DIFFER') return true
    if (hasBan) return false
    // A word that is in the domain of both is left out of a name, and is no other part of a group.
    if (rule === 'WORD_ON_ONE_SIDE') return !names.left.every((word) => label.includes(word))
    return true
  })
  const isAnothers = steps.some(({ field, level }) => field === 'DOMAIN' && level === 'DIFFERENT')
  if (isAnothers && !isBoth(steps, 'PHONE') && !hasBan) rules.push('DOMAINS_DIFFER')
  if (legalDiffers && !isBoth(steps, 'DOMAIN') && !hasBan) rules.push('LEGAL_FORMS_DIFFER')
  // A slip of the hand or another firm's name? The names alone do not tell.
  const confirms = (['DOMAIN', 'PHONE', 'BAN'] as const).some((field) => isBoth(steps, field))
  // Namesakes and branches are met in other towns.
  const isElsewhere = steps.some(
    ({ field, level }) => field === 'PLACE' && (level === 'DIFFERENT' || level === 'OTHER_COUNTRY'),
  )
  if (isElsewhere && !confirms) rules.push('PLACES_DIFFER')
  const isAlone = !confirms && !steps.some(({ level }) => SAYS.has(level))
  // No register has one name twice: who has the same words and the same legal form is hardly another.
  const isRegistered = names.level === 'EXACT' && isBoth(steps, 'LEGAL_FORM')
  const isSaid = isRegistered || isBoth(steps, 'PLACE') || [names.one, names.two].some(isDistinctive)
  if (isAlone && !isSaid) rules.push('DESCRIPTIVE_NAME')
  if (names.level === 'TYPO' && isAlone) rules.push('SLIP_ALONE')
  if (names.level === 'INITIALS' && isAlone) rules.push('INITIALS_ALONE')
  if (a.isSupplier !== b.isSupplier) rules.push('SUPPLIER')
  if (a.source === b.source) rules.push('SAME_SOURCE')
  return rules
}

const percent = (bits: number): number => Math.round(10_000 / (1 + 2 ** -bits)) / 100

export const verdictOf = (score: number): Verdict =>
  score >= LINKS_FROM ? 'LINK' : score >= ASKS_FROM ? 'ASK' : 'APART'

/**
 * How likely two accounts are one customer, and why: sums of log-odds over independent fields (Fellegi and Sunter 1969) with the
 * adjustment for how common a value is (Winkler 1989), then the rules that weights do not lift.
 * @param counts what the organisation's own accounts show to be common
 */
export const judgePair = (a: Profile, b: Profile, counts: Counts = NO_COUNTS): Judgement => {
  const prior = -Math.log2(populationOf(counts))
  const names = bestNames(a, b, counts)
  const { differ, ...legal } = legalStep(a, b)
  const steps: Step[] = [
    { field: 'PRIOR', a: null, b: null, level: 'PRIOR', weight: prior },
    nameStep(a, b, names, counts, prior),
    legal,
    domainStep(a, b, names, counts, prior),
    phoneStep(a, b, counts, prior),
    banStep(a, b, prior),
    placeStep(a, b, counts),
  ]
  let bits = 0
  const waterfall: WaterfallRow[] = steps.map((step) => {
    bits += step.weight
    return { ...step, weight: Math.round(step.weight * 100) / 100, score: percent(bits) }
  })
  const rules = rulesOf(a, b, { names, legalDiffers: differ, steps })
  const weighed = percent(bits)
  let score = weighed
  for (const rule of rules) {
    if (score <= BOUNDS[rule]) continue
    score = BOUNDS[rule]
    waterfall.push({ field: 'RULE', a: null, b: null, level: rule, weight: 0, score })
  }
  return { score, verdict: verdictOf(score), rules, waterfall, model: MODEL }
}
