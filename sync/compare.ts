import type { Link } from './links.ts'
import { type Decision, emptyPlan, type Gone, type Plan } from './plan.ts'
import type { Policy, PolicyTable } from './policy.ts'
import type { SourceRecord } from './source.ts'
import { type FieldValue, same, storable, type Values } from './values.ts'

export interface Comparison {
  type: string
  records: readonly SourceRecord[]
  /** By external id, of the records and of those merged into them. */
  links: ReadonlyMap<string, Link>
  /** What the hub holds now, by local id. */
  current: ReadonlyMap<string, Values>
  policy: PolicyTable
  /** When the records were asked for, by our clock. What has gone since is not brought back by them. */
  askedAt?: Date | undefined
  /** The id that a new record gets here. */
  localIdOf(externalId: string): string
}

/** Records of a batch that the other side takes in one request. */
const PUSH_BATCH = 100

/**
 * Compares field by field with what both sides last agreed on, and says what is to be done. Pure: nothing is read, nothing done.
 * Only theirs changed → take · only ours changed → push · both changed alike → agree · both changed → the policy decides.
 */
export const compare = (input: Comparison): Plan => {
  const plan = emptyPlan(input.type)
  for (const record of newestOfEach(input.records)) {
    const link = input.links.get(record.externalId)
    if (link) compareKnown(input, plan, record, link)
    else {
      const former = adoptable(input, record)
      if (former) compareKnown(input, plan, record, former)
      else
        plan.creates.push({
          externalId: record.externalId,
          localId: input.localIdOf(record.externalId),
          values: filled(record.values),
          modifiedAt: record.modifiedAt,
        })
    }
    noteMerged(input, plan, record)
  }
  plan.apiCalls = Math.ceil(plan.pushes.length / PUSH_BATCH)
  return plan
}

// A search index may give a record twice in one page; the later state is the true one.
const newestOfEach = (records: readonly SourceRecord[]): SourceRecord[] => {
  const newest = new Map<string, SourceRecord>()
  for (const record of records) {
    const other = newest.get(record.externalId)
    if (!other || timeOf(record) >= timeOf(other)) newest.set(record.externalId, record)
  }
  return [...newest.values()]
}

const timeOf = (record: SourceRecord): number => record.modifiedAt?.getTime() ?? Number.POSITIVE_INFINITY

const told = (values: Values): Values => {
  const kept: Record<string, FieldValue> = {}
  for (const field in values) kept[field] = storable(values[field] ?? null)
  return kept
}

// Most fields of most records are empty, and absent is the same as null: what is kept is a third of what is told.
const filled = (values: Values): Values => {
  const kept: Record<string, FieldValue> = {}
  for (const field in values) {
    const value = storable(values[field] ?? null)
    if (value !== null) kept[field] = value
  }
  return kept
}

// The source may give a merged record an id of its own. It stays the same record of ours as the one whose values it kept:
// the source does not say which of the merged ones that was.
const adoptable = ({ links, current }: Comparison, record: SourceRecord): Link | undefined => {
  const likeness = (link: Link): number => {
    const held = current.get(link.localId) ?? link.base ?? {}
    return Object.entries(record.values).filter(
      ([field, value]) => value !== null && same(value, held[field]),
    ).length
  }
  return (record.mergedIds ?? [])
    .flatMap((id) => links.get(id) ?? [])
    .filter((link) => link.goneReason !== 'merged')
    .map((link) => ({ link, likeness: likeness(link) }))
    .sort((a, b) => b.likeness - a.likeness)[0]?.link
}

const localIdFor = (input: Comparison, record: SourceRecord): string =>
  (input.links.get(record.externalId) ?? adoptable(input, record))?.localId ??
  input.localIdOf(record.externalId)

const noteMerged = (input: Comparison, plan: Plan, record: SourceRecord): void => {
  for (const id of record.mergedIds ?? []) {
    const link = input.links.get(id)
    if (!link || link.goneReason === 'merged' || id === record.externalId) continue
    plan.gone.push({
      externalId: id,
      localId: link.localId,
      reason: 'merged',
      survivorId: record.externalId,
      survivorLocalId: localIdFor(input, record),
    })
  }
}

const compareKnown = (input: Comparison, plan: Plan, record: SourceRecord, link: Link): void => {
  const restored = link.goneReason !== undefined && link.externalId === record.externalId
  const moved = link.externalId !== record.externalId
  // A lagging index answers with what we already have a newer state of, and so does a page that was long on its way.
  const isOlder =
    !restored && !moved && record.modifiedAt && link.modifiedAt && record.modifiedAt < link.modifiedAt
  const wentSince = restored && input.askedAt && link.goneAt && link.goneAt > input.askedAt
  if (isOlder || wentSince) {
    plan.unchanged.push(record.externalId)
    return
  }
  const theirs = told(record.values)
  const current = input.current.get(link.localId) ?? link.base ?? {}
  const agreed = link.base ?? current
  const values: Record<string, FieldValue> = { ...current }
  const base: Record<string, FieldValue> = { ...agreed }
  const diff: Record<string, { from: FieldValue; to: FieldValue }> = {}
  const push: Record<string, FieldValue> = {}
  let isNews = false
  let isOpen = false
  for (const field of new Set([...Object.keys(theirs), ...Object.keys(current)])) {
    const now = current[field] ?? null
    const before = agreed[field] ?? null
    const there = field in theirs ? (theirs[field] ?? null) : before
    const theyChanged = !same(there, before)
    const weChanged = !same(now, before)
    if (!theyChanged && !weChanged) continue
    if (!theyChanged) {
      push[field] = now
      continue
    }
    if (!weChanged || same(there, now)) {
      base[field] = there
      isNews = true
      if (!same(there, now)) {
        values[field] = there
        diff[field] = { from: now, to: there }
      }
      continue
    }
    const settled = settle(input, { record, link, field, base: before, theirs: there, ours: now })
    plan.decisions.push(settled.decision)
    if (settled.decision.outcome === 'open') {
      isOpen = true
      continue
    }
    base[field] = there
    isNews = true
    if (!same(settled.value, now)) {
      values[field] = settled.value
      diff[field] = { from: now, to: settled.value }
    }
    if (!same(settled.value, there)) push[field] = settled.value
  }
  if (Object.keys(push).length > 0)
    plan.pushes.push({ externalId: record.externalId, localId: link.localId, fields: push })
  if (!isNews && !restored && !moved) plan.unchanged.push(record.externalId)
  else
    plan.updates.push({
      externalId: record.externalId,
      localId: link.localId,
      diff,
      values: filled(values),
      base: isOpen || Object.keys(push).length > 0 ? filled(base) : undefined,
      modifiedAt: record.modifiedAt,
      restored,
      ...(moved ? { formerId: link.externalId } : {}),
    })
}

interface Contest {
  record: SourceRecord
  link: Link
  field: string
  base: FieldValue
  theirs: FieldValue
  ours: FieldValue
}

const settle = (input: Comparison, contest: Contest): { decision: Decision; value: FieldValue } => {
  const { record, link, field, base, theirs, ours } = contest
  const policy = input.policy.of(input.type, field)
  const value = resolve(policy, contest)
  const outcome =
    value === undefined ? 'open' : same(value, theirs) ? 'theirs' : same(value, ours) ? 'ours' : 'merged'
  return {
    value: value ?? null,
    decision: {
      externalId: record.externalId,
      localId: link.localId,
      field,
      base,
      theirs,
      ours,
      theirsAt: record.modifiedAt,
      policy,
      policyVersion: input.policy.version,
      outcome,
    },
  }
}

const isBlank = (value: FieldValue): boolean =>
  value === null || value === '' || (typeof value === 'object' && value.length === 0)

/** @returns the value that both shall have; undefined when nobody may decide but a person */
const resolve = (policy: Policy, { theirs, ours }: Contest): FieldValue | undefined => {
  switch (policy) {
    case 'HUB':
      return ours
    case 'FILL_BLANK':
      return isBlank(ours) ? theirs : ours
    case 'NEVER_CLEAR':
      return isBlank(theirs) ? ours : theirs
    case 'MERGE':
      return Array.isArray(theirs) && Array.isArray(ours) ? [...new Set([...ours, ...theirs])].sort() : theirs
    case 'MANUAL':
      return undefined
    // When the hub's values carry no time of their own, the source's word counts, as within the tolerance.
    default:
      return theirs
  }
}

/** A plan that only says which records are gone. */
export const planGone = (type: string, gone: Gone[]): Plan => ({ ...emptyPlan(type), gone })
