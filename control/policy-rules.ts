/** What somebody decided of who wins between a vendor and the hub; the words are the vendor's subgraph's own. */
export interface Rules {
  fields: Readonly<Partial<Record<string, Readonly<Record<string, string>>>>>
  deletions: Readonly<Partial<Record<string, string>>>
  clockToleranceMs: number
}

/** A change of the rules; null gives a field or kind back to what is taken for granted, what is left out stays. */
export interface PolicyChange {
  fields: readonly { type: string; field: string; word: string | null }[]
  deletions: readonly { type: string; word: string | null }[]
  /** The tolerance, and whatever else is no field and no kind of record, by its name; null stays as it is. */
  numbers: Readonly<Record<string, number | null>>
}

const MOST_FIELDS = 500
/** Rules that one policy may hold in all. */
const MOST_RULES = 2_000
const LONGEST_TOLERANCE_MS = 3_600_000

/** What cannot be used, and why. */
export interface PolicyFault {
  where: string
  message: string
}

/** What is wrong with rules beside what is so with every vendor's; undefined when nothing is. */
export interface Checks<R extends Rules> {
  numbers?(rules: R): PolicyFault | undefined
  field(type: string, field: string, word: string): string | undefined
}

/** The rules after a change, or what is wrong with it. Pure. */
export const changeRules = <R extends Rules>(
  held: R,
  change: PolicyChange,
  checks: Checks<R>,
): { rules: R } | { fault: PolicyFault } => {
  if (change.fields.length > MOST_FIELDS)
    return { fault: { where: 'changes.fields', message: `Name at most ${MOST_FIELDS} fields at a time.` } }
  const fields: Record<string, Record<string, string>> = {}
  for (const [type, words] of Object.entries(held.fields)) fields[type] = { ...words }
  for (const { type, field, word } of change.fields) {
    const words = fields[type] ?? {}
    if (word === null) delete words[field]
    else words[field] = word
    fields[type] = words
  }
  const deletions = { ...held.deletions }
  for (const { type, word } of change.deletions)
    if (word === null) delete deletions[type]
    else deletions[type] = word
  const said = Object.entries(change.numbers).filter(([, number]) => number !== null)
  const changed = {
    ...held,
    ...Object.fromEntries(said),
    fields: Object.fromEntries(Object.entries(fields).filter(([, words]) => Object.keys(words).length > 0)),
    deletions,
  }
  return checkRules(changed as R, checks)
}

/** The rules, or what is wrong with them. Pure. */
export const checkRules = <R extends Rules>(
  rules: R,
  checks: Checks<R>,
): { rules: R } | { fault: PolicyFault } => {
  const fault = faultOf(rules, checks)
  return fault ? { fault } : { rules }
}

const faultOf = <R extends Rules>(rules: R, checks: Checks<R>): PolicyFault | undefined => {
  const { clockToleranceMs } = rules
  if (!Number.isInteger(clockToleranceMs) || clockToleranceMs < 0 || clockToleranceMs > LONGEST_TOLERANCE_MS)
    return {
      where: 'changes.clockToleranceMs',
      message: 'Say a tolerance between 0 and 3,600,000 milliseconds.',
    }
  const wrong = checks.numbers?.(rules)
  if (wrong) return wrong
  const named = Object.entries(rules.fields).flatMap(([type, words]) =>
    Object.entries(words ?? {}).map(([field, word]) => ({ type, field, word })),
  )
  if (named.length > MOST_RULES)
    return { where: 'changes.fields', message: `A policy holds at most ${MOST_RULES} fields.` }
  for (const { type, field, word } of named) {
    const message = checks.field(type, field, word)
    if (message) return { where: 'changes.fields', message }
  }
  return undefined
}

/** How much differs between two sets of rules: fields, kinds of record and numbers. Pure. */
export const differences = (before: Rules, after: Rules): Record<string, [unknown, unknown]> => {
  const [one, other] = [flat(before), flat(after)]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
  return Object.fromEntries(
    names
      .filter((name) => one[name] !== other[name])
      .map((name) => [name, [one[name] ?? null, other[name] ?? null]]),
  )
}

const flat = ({ fields, deletions, ...numbers }: Rules): Record<string, unknown> => ({
  ...numbers,
  ...Object.fromEntries(Object.entries(deletions).map(([type, word]) => [`${type} deleted`, word])),
  ...Object.fromEntries(
    Object.entries(fields).flatMap(([type, words]) =>
      Object.entries(words ?? {}).map(([field, word]) => [`${type}/${field}`, word]),
    ),
  ),
})
