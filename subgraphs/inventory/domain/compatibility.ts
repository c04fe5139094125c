/**
 * When one part can stand in for another. What must be equal and what may only be better is said per category, as engineers do when
 * they cross-reference: form, fit and function (JEDEC's words for what may not change).
 */

export interface Parameter {
  name: string
  value: string
  unit: string | null
}

/** How a parameter of the other part must stand to that of the part asked for. */
export type Rule =
  | { must: 'equal' }
  /** As many or more, or as few or fewer, as numbers. */
  | { must: 'atLeast' | 'atMost' }
  /** As good or better, in an order from the worst to the best. */
  | { must: 'ranked'; order: readonly string[] }
  /** It does not matter to who uses the part. */
  | { must: 'anything' }

const equal: Rule = { must: 'equal' }
const atLeast: Rule = { must: 'atLeast' }
const atMost: Rule = { must: 'atMost' }
const anything: Rule = { must: 'anything' }
const ranked = (...order: string[]): Rule => ({ must: 'ranked', order })

const GRADE = ranked('commercial', 'industrial', 'automotive')

/** Whatever a category does not name must be equal: a parameter that nobody has thought of may be the one that matters. */
const ANYWHERE: Readonly<Record<string, Rule>> = { packing: anything, reel: anything, grade: GRADE }

/** The rules by category; the maker's family, and so what runs on the part, must be the same in all of them. */
export const COMPATIBILITY: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  Microcontrollers: { flash: atLeast, temperature: atLeast, revision: anything },
  'Power Management': { temperature: atLeast, revision: anything },
  Capacitors: { voltage: atLeast, tolerance: atMost },
  Resistors: { tolerance: atMost },
  Inductors: { tolerance: atMost, shield: ranked('none', 'semi', 'full') },
  Connectors: { plating: ranked('tin', 'flash', 'light-gold', 'selective', 'gold') },
  Logic: {},
}

/** The rules of a category, for whatever parameter it names. */
const rulesOf = (category: string | null): Readonly<Record<string, Rule>> => ({
  ...ANYWHERE,
  ...(category === null ? {} : COMPATIBILITY[category]),
})

/** The parameters of a part that another one must have just so to stand in for it. */
export const mustEqual = (category: string | null, parameters: readonly Parameter[]): Parameter[] => {
  const rules = rulesOf(category)
  return parameters.filter(({ name }) => (rules[name] ?? equal).must === 'equal')
}

/** A parameter in which the other part differs, and whether that is allowed. */
export interface Difference {
  name: string
  asked: string | null
  offered: string | null
  isAllowed: boolean
}

const holds = (rule: Rule, asked: Parameter | undefined, offered: Parameter | undefined): boolean => {
  if (rule.must === 'anything') return true
  if (asked === undefined) return true
  if (offered === undefined) return false
  if (asked.value === offered.value) return asked.unit === offered.unit
  if (rule.must === 'equal') return false
  if (rule.must === 'ranked') {
    const [before, after] = [rule.order.indexOf(asked.value), rule.order.indexOf(offered.value)]
    return before >= 0 && after >= before
  }
  const [before, after] = [Number(asked.value), Number(offered.value)]
  if (asked.unit !== offered.unit || Number.isNaN(before) || Number.isNaN(after)) return false
  return rule.must === 'atLeast' ? after >= before : after <= before
}

/** What tells two parts of a category apart, parameter by parameter. */
export const differences = (
  category: string | null,
  asked: readonly Parameter[],
  offered: readonly Parameter[],
): Difference[] => {
  const rules = rulesOf(category)
  const [own, other] = [asked, offered].map((all) => new Map(all.map((each) => [each.name, each])))
  const names = new Set([...own!.keys(), ...other!.keys()])
  return [...names].flatMap((name) => {
    const [a, b] = [own!.get(name), other!.get(name)]
    if (a && b && a.value === b.value && a.unit === b.unit) return []
    return { name, asked: said(a), offered: said(b), isAllowed: holds(rules[name] ?? equal, a, b) }
  })
}

const said = (parameter: Parameter | undefined): string | null =>
  parameter ? `${parameter.value}${parameter.unit ? ` ${parameter.unit}` : ''}` : null
