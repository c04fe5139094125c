import { compareFields } from './compare-fields.ts'
import { isPlaceholder, type Link, placeholderOf } from './links.ts'
import { emptyPlan, type Gone, type Plan } from './plan.ts'
import { decide, type PolicyTable, WHOLE_RECORD } from './policy.ts'
import type { SourceRecord } from './source.ts'
import { type FieldValue, filled, same, storable, type Values } from './values.ts'

export interface Comparison {
  type: string
  records: readonly SourceRecord[]
  /** By external id, of the records and of those merged into them. */
  links: ReadonlyMap<string, Link>
  /** What the hub holds now, by local id. */
  current: ReadonlyMap<string, Values>
  policy: PolicyTable
  /** Fields about which somebody has yet to decide, by local id: nothing overwrites them meanwhile. */
  open?: ReadonlyMap<string, ReadonlySet<string>>
  /** What we have written of records that were changed or deleted here, and may be there although nobody has told us yet; by local id. */
  written?: ReadonlyMap<string, Values>
  /** When the records were asked for, by our clock. What has gone since is not brought back by them. */
  askedAt?: Date | undefined
  /** The id that a new record gets here. */
  localIdOf(externalId: string): string
}

const NONE: ReadonlySet<string> = new Set()

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

/**
 * What a record says, without lists that were settled by somebody else after it was asked for: a source stamps its fields, and not what
 * is linked, so that nothing else tells an older state of links from a newer one.
 */
const withoutStale = (
  { askedAt, current }: Comparison,
  plan: Plan,
  { externalId, values }: SourceRecord,
  link: Link,
): Values => {
  if (!askedAt || link.syncedAt <= askedAt) return told(values)
  const held = current.get(link.localId) ?? {}
  const isStale = (field: string) => Array.isArray(values[field]) && !same(values[field], held[field])
  const stale = Object.keys(values).filter(isStale)
  if (stale.length === 0) return told(values)
  plan.again.push(externalId)
  return told(Object.fromEntries(Object.entries(values).filter(([field]) => !stale.includes(field))))
}

const told = (values: Values): Values => {
  const kept: Record<string, FieldValue> = {}
  for (const field in values) kept[field] = storable(values[field] ?? null)
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
    .sort((a, b) => Number(isDeleted(a.link)) - Number(isDeleted(b.link)) || b.likeness - a.likeness)[0]?.link
}

// Deleted here and merged there: the survivor is another one that is still here, if there is one.
const isDeleted = ({ goneReason, externalId }: Link): boolean =>
  goneReason === 'deleted' && !isPlaceholder(externalId)

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
  const theirs = restored || moved ? told(record.values) : withoutStale(input, plan, record, link)
  const staysGone = !isOlder && !wentSince && staysDeleted(input, plan, record, link, theirs)
  if (isOlder || wentSince || staysGone) {
    plan.unchanged.push(record.externalId)
    if (staysGone) plan.pushes.push({ externalId: link.externalId, localId: link.localId, fields: {} })
    return
  }
  const open = input.open?.get(link.localId) ?? NONE
  const current = input.current.get(link.localId) ?? link.base ?? {}
  const own = ownWords(input, link, { theirs, current })
  const both = { type: input.type, record, link: own ?? link, theirs, current, open }
  const found = compareFields(input.policy, both)
  plan.decisions.push(...found.decisions)
  plan.closed.push(...found.closed.map((field) => ({ localId: link.localId, field })))
  // It was said to be gone there, and is there.
  if (open.has(WHOLE_RECORD)) plan.closed.push({ localId: link.localId, field: WHOLE_RECORD })
  const pushes = Object.keys(found.push).length > 0
  if (pushes) plan.pushes.push({ externalId: record.externalId, localId: link.localId, fields: found.push })
  if (!found.isNews && !own && !restored && !moved) plan.unchanged.push(record.externalId)
  else
    plan.updates.push({
      externalId: record.externalId,
      localId: link.localId,
      diff: found.diff,
      values: filled(found.values),
      base: found.isOpen || pushes ? filled(found.base) : undefined,
      modifiedAt: record.modifiedAt,
      restored,
      ...(moved ? { formerId: link.externalId } : {}),
    })
}

/**
 * A link on which what we have written there without having been told so is agreed on, where they say just that and we say something
 * else by now: our own word of before is no word of theirs. Undefined where there is none such.
 */
const ownWords = (
  { written }: Comparison,
  link: Link,
  { theirs, current }: { theirs: Values; current: Values },
): Link | undefined => {
  const { base } = link
  if (!base) return undefined
  const own = Object.entries(written?.get(link.localId) ?? {}).filter(
    ([field, value]) =>
      field in theirs &&
      same(theirs[field], value) &&
      !same(theirs[field], base[field]) &&
      !same(theirs[field], current[field]),
  )
  return own.length > 0 ? { ...link, base: { ...base, ...Object.fromEntries(own) } } : undefined
}

/** Whether a record that was deleted here, and is still there, is to go there too: unless they changed it since, and that counts for more. */
const staysDeleted = (
  { type, policy, open, current, written }: Comparison,
  plan: Plan,
  record: SourceRecord,
  link: Link,
  theirs: Values,
): boolean => {
  if (link.goneReason !== 'deleted') return false
  // It was only here when it was deleted: whoever wrote it learns its id, and takes it away there.
  if (isPlaceholder(link.externalId)) return true
  const known = [link.base, current.get(link.localId), written?.get(link.localId)].map((each) => each ?? {})
  // What we have said is no word of theirs, whether or not we have been told yet that it is there.
  const isNews = (field: string) =>
    !known.some((values) => same(theirs[field], values[field])) && !policy.isDerived?.(type, field)
  // That they have merged it into another is.
  if (link.externalId === record.externalId && !Object.keys(theirs).some(isNews)) return true
  // What the source has said by itself of what we wrote last, such as when it was made, nobody has changed since.
  if (record.modifiedAt && link.modifiedAt && record.modifiedAt <= link.modifiedAt) return true
  const upheldUntil = link.lineage.fields?.[WHOLE_RECORD]
  if (upheldUntil && record.modifiedAt && record.modifiedAt <= new Date(upheldUntil.at)) return true
  const { externalId } = record
  const { localId } = link
  const isKnown = open?.get(localId)?.has(WHOLE_RECORD) ?? false
  const contest = {
    base: 'there',
    theirs: 'changed',
    ours: 'deleted',
    theirsAt: record.modifiedAt,
    oursAt: link.goneAt,
  }
  const { value, ...verdict } = decide(policy, type, WHOLE_RECORD, contest)
  const kept = isKnown ? { ...verdict, outcome: 'open' as const } : verdict
  plan.decisions.push({ externalId, localId, field: WHOLE_RECORD, ...contest, ...kept, isKnown })
  return kept.outcome !== 'theirs'
}

/**
 * Says what becomes of records that the source no longer has: they go, unless the hub has changed them since both sides agreed
 * and the policy says that its changes count for more, or that somebody decides. Pure.
 */
export const compareGone = (
  input: Pick<Comparison, 'type' | 'links' | 'current' | 'policy' | 'open'>,
  gone: readonly Gone[],
): Plan => {
  const plan = emptyPlan(input.type)
  for (const each of gone) {
    const link = input.links.get(each.externalId)
    const changed = link && each.reason !== 'merged' && each.reason !== 'excluded' && changesOf(input, link)
    if (!link || !changed) {
      plan.gone.push(each)
      continue
    }
    const { externalId, localId } = each
    const oursAt = writtenAt(link)
    const upheld = link.lineage.fields?.[WHOLE_RECORD]
    if (upheld && (!oursAt || oursAt <= new Date(upheld.at))) {
      remake(plan, link, changed)
      continue
    }
    const isKnown = input.open?.get(localId)?.has(WHOLE_RECORD) ?? false
    const contest = { base: 'there', theirs: 'deleted', ours: 'changed', theirsAt: undefined }
    const { value, ...verdict } = decide(input.policy, input.type, WHOLE_RECORD, { ...contest, oursAt })
    const kept = isKnown ? { ...verdict, outcome: 'open' as const } : verdict
    plan.decisions.push({ externalId, localId, field: WHOLE_RECORD, ...contest, oursAt, ...kept, isKnown })
    if (kept.outcome === 'theirs') plan.gone.push(each)
    else if (kept.outcome === 'ours') remake(plan, link, changed)
  }
  plan.apiCalls = Math.ceil(plan.pushes.length / PUSH_BATCH)
  return plan
}

/** Has a record made at the source again, under another id: until it has one it is as if it were new here. */
const remake = (plan: Plan, { externalId, localId }: Link, held: Values): void => {
  const values = filled(held)
  plan.gone.push({ externalId, localId, reason: 'merged', survivorLocalId: localId })
  plan.updates.push({
    ...{ externalId: placeholderOf(localId), formerId: externalId, localId },
    ...{ diff: {}, values, base: {}, modifiedAt: undefined, restored: false },
  })
  plan.pushes.push({ externalId: placeholderOf(localId), localId, fields: values })
}

/** What the hub holds of a record that it has changed since both sides agreed; undefined when it has not. */
const changesOf = (
  { type, current, policy }: Pick<Comparison, 'type' | 'current' | 'policy'>,
  link: Link,
): Values | undefined => {
  const { base } = link
  const held = current.get(link.localId)
  if (!held || link.goneReason !== undefined) return undefined
  // What only the hub speaks of is there as long as the hub says so.
  if (policy.isOurs?.(type)) return held
  if (!base) return undefined
  const fields = new Set([...Object.keys(held), ...Object.keys(base)])
  return [...fields].some((field) => !same(held[field], base[field])) ? held : undefined
}

/** When the hub last changed any field of the record by itself, by its own clock. */
const writtenAt = ({ lineage }: Link): Date | undefined => {
  const times = Object.entries(lineage.fields ?? {}).flatMap(([field, { at, by }]) =>
    by === 'HUB' && field !== WHOLE_RECORD ? [Date.parse(at)] : [],
  )
  return times.length > 0 ? new Date(Math.max(...times)) : undefined
}
