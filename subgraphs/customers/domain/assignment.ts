/**
 * territory  a country, a state or a city, as people write it
 * rule       who gets contacts of some territories whose company is in some industries; the first rule that fits decides
 */
export interface AssignmentRule {
  /** None: anywhere. */
  territories: readonly string[]
  /** None: any. */
  industries: readonly string[]
  /** The colleague, as the hub knows them. */
  ownerId: string
}

/** Where somebody without an owner is, and what their company does; each as the person's record says, then the company's. */
export interface Unowned {
  id: string
  places: readonly string[]
  industries: readonly string[]
}

/** Upper and lower case, and how words are parted, make no difference: HubSpot's `INFORMATION_TECHNOLOGY` is Information technology. */
const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const among = (wanted: readonly string[], said: readonly string[]): boolean => {
  if (wanted.length === 0) return true
  const words = new Set(said.map(plain))
  return wanted.some((each) => words.has(plain(each)))
}

/** Which rule decides for somebody; undefined when none does. */
export const ruleFor = (rules: readonly AssignmentRule[], who: Unowned): number | undefined => {
  const found = rules.findIndex(
    (rule) => among(rule.territories, who.places) && among(rule.industries, who.industries),
  )
  return found < 0 ? undefined : found
}

const MOST_RULES = 200
const MOST_WORDS = 100
const LONGEST = 100

/** What is wrong with rules, for people; undefined when nothing is. */
export const faultOfRules = (rules: readonly AssignmentRule[]): string | undefined => {
  if (rules.length > MOST_RULES) return `Have at most ${MOST_RULES} rules.`
  for (const { territories, industries } of rules)
    for (const words of [territories, industries]) {
      if (words.length > MOST_WORDS)
        return `A rule names at most ${MOST_WORDS} territories and as many industries.`
      if (words.some((word) => plain(word) === '' || word.length > LONGEST))
        return `A territory or industry has between one and ${LONGEST} characters.`
    }
  return undefined
}
