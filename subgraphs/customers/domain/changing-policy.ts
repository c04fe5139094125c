import { KINDS, type RecordType } from './kinds.ts'
import { linkField } from './links.ts'
import { type DeletionWord, follows, type MoneyFields, type PolicyRules, type Word } from './policy.ts'

/** A change of the rules; null gives a field or kind back to what is taken for granted, what is left out stays. */
export interface PolicyChange {
  fields: readonly { type: RecordType; field: string; word: Word | null }[]
  deletions: readonly { type: RecordType; word: DeletionWord | null }[]
  clockToleranceMs: number | null
  rank: number | null
}

const MOST_FIELDS = 500
/** Rules that one policy may hold in all. */
const MOST_RULES = 2_000
const LONGEST_TOLERANCE_MS = 3_600_000
const LAST_RANK = 1_000
const NAME = /^[a-z0-9_]{1,255}$/

/** What cannot be used, and why. */
export interface PolicyFault {
  where: string
  message: string
}

/** The rules after a change, or what is wrong with it. Pure. */
export const changeRules = (
  held: PolicyRules,
  change: PolicyChange,
  money: MoneyFields,
): { rules: PolicyRules } | { fault: PolicyFault } => {
  if (change.fields.length > MOST_FIELDS)
    return { fault: { where: 'changes.fields', message: `Name at most ${MOST_FIELDS} fields at a time.` } }
  const fields: Partial<Record<RecordType, Record<string, Word>>> = {}
  for (const [type, words] of Object.entries(held.fields)) fields[type as RecordType] = { ...words }
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
  return checkRules(
    {
      fields: Object.fromEntries(Object.entries(fields).filter(([, words]) => Object.keys(words).length > 0)),
      deletions,
      clockToleranceMs: change.clockToleranceMs ?? held.clockToleranceMs,
      rank: change.rank ?? held.rank,
    },
    money,
  )
}

/** The rules, or what is wrong with them. Pure. */
export const checkRules = (
  rules: PolicyRules,
  money: MoneyFields,
): { rules: PolicyRules } | { fault: PolicyFault } => {
  const fault = faultOf(rules, money)
  return fault ? { fault } : { rules }
}

const faultOf = (rules: PolicyRules, money: MoneyFields): PolicyFault | undefined => {
  const { clockToleranceMs, rank } = rules
  if (!Number.isInteger(clockToleranceMs) || clockToleranceMs < 0 || clockToleranceMs > LONGEST_TOLERANCE_MS)
    return {
      where: 'changes.clockToleranceMs',
      message: 'Say a tolerance between 0 and 3,600,000 milliseconds.',
    }
  if (!Number.isInteger(rank) || rank < 1 || rank > LAST_RANK)
    return { where: 'changes.rank', message: `Say a rank between 1 and ${LAST_RANK}.` }
  const named = Object.entries(rules.fields).flatMap(([type, words]) =>
    Object.entries(words).map(([field, word]) => ({ type: type as RecordType, field, word })),
  )
  if (named.length > MOST_RULES)
    return { where: 'changes.fields', message: `A policy holds at most ${MOST_RULES} fields.` }
  for (const { type, field, word } of named) {
    const message = fieldFault(type, field, word, money)
    if (message) return { where: 'changes.fields', message }
  }
  return undefined
}

const fieldFault = (type: RecordType, field: string, word: Word, money: MoneyFields): string | undefined => {
  if (field.startsWith('@')) {
    const links = KINDS[type].links.map(linkField)
    return links.includes(field)
      ? undefined
      : `Links of ${type} are ${links.length > 0 ? links.join(', ') : 'none'}; there is no other field that begins with @.`
  }
  if (!NAME.test(field))
    return 'A property’s name in HubSpot has small letters, digits and underscores only, at most 255.'
  if (word === 'MERGE') return `MERGE is for lists of links, such as @companies; ${field} is none.`
  const lead = follows(money, type, field)
  return lead === undefined ? undefined : `${field} is settled together with ${lead}: decide about ${lead}.`
}

/** How much differs between two sets of rules: fields, kinds of record and numbers. Pure. */
export const differences = (before: PolicyRules, after: PolicyRules): Record<string, [unknown, unknown]> => {
  const [one, other] = [flat(before), flat(after)]
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
  return Object.fromEntries(
    names
      .filter((name) => one[name] !== other[name])
      .map((name) => [name, [one[name] ?? null, other[name] ?? null]]),
  )
}

const flat = ({ fields, deletions, clockToleranceMs, rank }: PolicyRules): Record<string, unknown> => ({
  clockToleranceMs,
  rank,
  ...Object.fromEntries(Object.entries(deletions).map(([type, word]) => [`${type} deleted`, word])),
  ...Object.fromEntries(
    Object.entries(fields).flatMap(([type, words]) =>
      Object.entries(words).map(([field, word]) => [`${type}/${field}`, word]),
    ),
  ),
})
