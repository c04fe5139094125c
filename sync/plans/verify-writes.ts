import { linksOfLocals } from '../links.ts'
import { type Pending, pendingOf } from '../pending.ts'
import { compareStep, type Step } from '../step.ts'
import { same } from '../values.ts'
import type { Writing } from './carry-out-writes.ts'
import { aheadOf, namedNow, placeholdersIn } from './foresee.ts'
import { fingerprintOf, itemsOf, itemsOut, type PlanItem, written } from './items.ts'
import { type KeptItem, toBringOver } from './kept.ts'
import { movedTo, type Verified } from './verify.ts'

/** Compares what a plan would write at the source with what there is to write by now, given what the source says of the records. */
export const verifyWrites = async (
  tx: object,
  writing: Writing,
  items: readonly KeptItem[],
  step: Step,
): Promise<Verified> => {
  const { run, target, policy, clock } = writing.work
  const around = { orgId: run.orgId, connectionId: run.connectionId, runId: run.id, at: clock.now() }
  const taking = { target, policy, around, seenBy: undefined, marksUnchanged: false }
  const found = await compareStep(tx, taking, step)
  const news = new Map(itemsOf(found.plan, found.links, found.current).map((item) => [item.externalId, item]))
  return writing.plan.kind === 'UNDO'
    ? await verifyUndoing(tx, writing, items, { type: step.type, news })
    : await verifyPlanned(tx, writing, items, { type: step.type, news, ahead: aheadOf(found.plan) })
}

interface Found {
  type: string
  /** What the source has changed of the records, by external id. */
  news: ReadonlyMap<string, PlanItem>
}

/** Whatever there is to bring over first is news that the plan was made without, unless the plan brings over the same. */
const verifyPlanned = async (
  tx: object,
  { work, opened, plan }: Writing,
  items: readonly KeptItem[],
  { type, news, ahead }: Found & { ahead: ReturnType<typeof aheadOf> },
): Promise<Verified> => {
  const { run, target } = work
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const ids = items.flatMap(({ localId }) => localId ?? [])
  const coming = placeholdersIn(items)
  const pending = opened.sink
    ? await pendingOf(tx, { target, sink: opened.sink }, place, ids, { ahead, coming })
    : []
  const now = new Map(itemsOut(type, pending).map((item) => [item.localId, item]))
  const planned = await toBringOver(tx, plan.id, type, [...news.keys()])
  const namedIn = await namedNow(tx, place, items)
  const printOf = ({ fields, ...item }: KeptItem) =>
    fingerprintOf({
      ...item,
      fields: Object.fromEntries(
        Object.entries(fields).map(([field, change]) => [field, { ...change, to: namedIn(change.to) }]),
      ),
    })
  const verified: Verified = { left: [], skipped: [], moved: [] }
  for (const item of items) {
    const { externalId } = item
    const found = news.get(externalId)
    const stray = found && isUndecided(found) ? undefined : found
    const fresh = now.get(item.localId)
    // It went there too, perhaps by this very run before it was taken over.
    const isGone = item.action === 'DELETE' && stray?.action === 'DELETE'
    if (isGone) verified.left.push(item)
    else if (stray && planned.get(externalId) !== fingerprintOf(stray))
      verified.moved.push(movedTo(item, stray))
    else if (!fresh) verified.skipped.push({ externalId, state: 'SKIPPED' })
    else if (fingerprintOf(fresh) === printOf(item)) verified.left.push(item)
    else verified.moved.push(movedTo(item, fresh))
  }
  return verified
}

/** Nothing is brought over while a person has yet to decide, and such fields are not written either. */
const isUndecided = ({ action, fields }: PlanItem): boolean =>
  action === 'CONFLICT' && Object.values(fields).every(({ outcome }) => outcome === 'open')

/** A field that would be brought back must still say what it said, and so must the source. What else it says is no matter here. */
const verifyUndoing = async (
  tx: object,
  { work }: Writing,
  items: readonly KeptItem[],
  { type, news }: Found,
): Promise<Verified> => {
  const { run, target } = work
  const place = { orgId: run.orgId, connectionId: run.connectionId, type }
  const ids = items.flatMap(({ localId }) => localId ?? [])
  const links = await linksOfLocals(tx, place, ids)
  const current = await target.current(tx, type, ids)
  const verified: Verified = { left: [], skipped: [], moved: [] }
  for (const item of items) {
    const { externalId, localId, fields, action } = item
    const stray = news.get(externalId)
    const link = links.get(localId ?? '')
    const held = current.get(localId ?? '') ?? {}
    // Changed back already, perhaps by this very run before it was taken over; or as the source writes it, which is brought over first.
    const fits = Object.entries(fields).every(
      ([field, { from, to, theirs, outcome }]) =>
        outcome !== undefined ||
        [from, to, theirs].some((value) => value !== undefined && same(held[field], value)),
    )
    const isThere = link !== undefined && (action === 'DELETE' || link.goneReason === undefined)
    if (action === 'DELETE' && stray?.action === 'DELETE') verified.left.push(item)
    else if (stray && touches(stray, item)) verified.moved.push(movedTo(item, stray))
    else if (isThere && (fits || action === 'DELETE')) verified.left.push(item)
    else verified.moved.push(movedTo(item, undefined))
  }
  return verified
}

/** Whether the source says something of a field by now that was not known of it. */
const touches = (stray: PlanItem, { fields }: PlanItem): boolean =>
  stray.action === 'DELETE' ||
  Object.entries(stray.fields).some(([field, { theirs, to }]) => {
    const planned = fields[field]
    return planned !== undefined && (planned.theirs === undefined || !same(planned.theirs, theirs ?? to))
  })

const OPERATIONS = { CREATE: 'CREATE', UPDATE: 'UPDATE', CONFLICT: 'UPDATE', DELETE: 'ARCHIVE' } as const

/** Tells whether a write does no more than an item says: what is so already need not be written. One statement at most. */
export const coverings = async (
  tx: object,
  place: { orgId: string; connectionId: string },
  items: readonly KeptItem[],
): Promise<(item: KeptItem, pending: Pending) => boolean> => {
  const namedIn = await namedNow(tx, place, items)
  return ({ action, fields }, pending) => {
    const planned = written(fields)
    return (
      pending.operation === OPERATIONS[action] &&
      Object.entries(pending.fields).every(
        ([field, { to }]) => field in planned && same(namedIn(planned[field]?.to ?? null), to),
      )
    )
  }
}
