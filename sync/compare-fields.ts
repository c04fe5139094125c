import type { Link } from './links.ts'
import type { Decision, Diff } from './plan.ts'
import { decide, type PolicyTable, WHOLE_RECORD } from './policy.ts'
import type { SourceRecord } from './source.ts'
import { type FieldValue, same, sameDecimal, type Values } from './values.ts'

/** A record as both sides have it. */
export interface Both {
  type: string
  record: SourceRecord
  link: Link
  theirs: Values
  current: Values
  /** Fields about which somebody has yet to decide. */
  open: ReadonlySet<string>
}

/** What became of each of a record's fields. */
export interface FieldsCompared {
  /** What the hub is to hold, and what both have agreed on then. */
  values: Record<string, FieldValue>
  base: Record<string, FieldValue>
  diff: Record<string, Diff[string]>
  push: Record<string, FieldValue>
  decisions: Decision[]
  /** Fields that were open, and of which both sides say the same now. */
  closed: string[]
  /** The source told something that was not agreed on before. */
  isNews: boolean
  isOpen: boolean
}

/** One field: what was agreed on, and what each side has now. */
interface Field {
  name: string
  base: FieldValue
  theirs: FieldValue
  ours: FieldValue
}

/** Compares the fields of one record three ways. Pure. */
export const compareFields = (table: PolicyTable, both: Both): FieldsCompared => {
  const { type, theirs, current, link, open } = both
  const { isWhole = false } = both.record
  const agreed = link.base ?? current
  const found: FieldsCompared = {
    values: { ...current },
    base: { ...agreed },
    diff: {},
    push: {},
    decisions: [],
    closed: [],
    isNews: false,
    isOpen: false,
  }
  const fieldOf = (name: string): Field => {
    const base = agreed[name] ?? null
    const isTold = isWhole || name in theirs
    return { name, base, theirs: isTold ? (theirs[name] ?? null) : base, ours: current[name] ?? null }
  }
  const known = isWhole ? Object.keys(agreed) : []
  for (const name of new Set([...Object.keys(theirs), ...Object.keys(current), ...known, ...open])) {
    if (name === WHOLE_RECORD) continue
    const field = fieldOf(name)
    const isAlike = same(field.theirs, field.ours) || isSameNumber(table, type, field)
    if (open.has(name) && isAlike) found.closed.push(name)
    const theyChanged = !same(field.theirs, field.base)
    const weChanged = !same(field.ours, field.base)
    if (!theyChanged && !weChanged && !open.has(name)) continue
    if (isAlike) {
      if (theyChanged) take(found, field)
      continue
    }
    const partners = (table.together?.(type, name) ?? []).map(fieldOf)
    const theyMoved = theyChanged || partners.some((each) => !same(each.theirs, each.base))
    const weMoved = weChanged || partners.some((each) => !same(each.ours, each.base))
    const isTheirsToSay = !table.isOurs?.(type)
    if (open.has(name) || (theyMoved && (weMoved || !isTheirsToSay)))
      settle(found, table, both, field, partners)
    else if (theyChanged) take(found, field)
    else found.push[name] = field.ours
  }
  return found
}

const isSameNumber = (table: PolicyTable, type: string, { name, theirs, ours }: Field): boolean =>
  (table.isDecimal?.(type, name) ?? false) && sameDecimal(theirs, ours)

const take = (found: FieldsCompared, { name, theirs, ours }: Field): void => {
  found.base[name] = theirs
  found.isNews = true
  if (same(theirs, ours)) return
  found.values[name] = theirs
  found.diff[name] = { from: ours, to: theirs }
}

const settle = (
  found: FieldsCompared,
  table: PolicyTable,
  { type, record, link, open }: Both,
  { name, base, theirs, ours }: Field,
  partners: readonly Field[],
): void => {
  const oursAt = writtenAt(link, [name, ...partners.map((each) => each.name)])
  const contest = { base, theirs, ours, theirsAt: record.modifiedAt, oursAt }
  const { value, ...verdict } = decide(table, type, name, contest)
  const isKnown = open.has(name)
  const isOpen = isKnown || value === undefined
  found.decisions.push({
    externalId: record.externalId,
    localId: link.localId,
    field: name,
    ...contest,
    ...verdict,
    // Nothing but a person closes what is open, whatever the table says by now.
    ...(isKnown ? { outcome: 'open' as const } : {}),
    isKnown,
  })
  if (isOpen) {
    found.isOpen = true
    return
  }
  found.base[name] = theirs
  found.isNews = true
  if (!same(value, ours)) {
    found.values[name] = value ?? null
    found.diff[name] = { from: ours, to: value ?? null }
  }
  if (!same(value, theirs)) found.push[name] = value ?? null
}

/** When the hub last changed one of these fields by itself, by its own clock. */
const writtenAt = ({ lineage }: Link, names: readonly string[]): Date | undefined => {
  const times = names.flatMap((name) => {
    const came = lineage.fields?.[name]
    return came?.by === 'HUB' ? [Date.parse(came.at)] : []
  })
  return times.length > 0 ? new Date(Math.max(...times)) : undefined
}
