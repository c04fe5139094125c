import type { NewEvent } from '#events/outbox.ts'
import { takeTurnOf } from './checkpoint.ts'
import { writeDecisions } from './decisions.ts'
import {
  isPlaceholder,
  type Link,
  type LinkRow,
  markSeen,
  type PackedLineage,
  writeAliases,
  writeLinks,
} from './links.ts'
import { noteOutgoing } from './outgoing.ts'
import type { Create, Gone, Plan, Update } from './plan.ts'
import { type Counts, noCounts } from './run.ts'
import { noteSignals } from './signals.ts'
import type { Applying, Moved, Target } from './target.ts'
import { refusedBefore } from './writes.ts'

export interface Execution {
  plan: Plan
  /** The links the plan was made from. */
  links: ReadonlyMap<string, Link>
  target: Target
  around: Applying
  /** Records to be marked as met without being written: a run finds what is gone by what it has not met. */
  seen: readonly string[]
  /** The run that has met them. */
  seenBy: string | undefined
  /** What waits elsewhere stays as it is, though whom it names was merged: somebody has approved what is written of it. */
  leavesOthers?: boolean
}

/**
 * Executes a plan and nothing else, inside the caller's transaction: at most six statements besides the target's own,
 * however many records.
 * @returns the events to publish, and what to add to the run's counts
 */
export const applyPlan = async (
  tx: object,
  execution: Execution,
): Promise<{ events: NewEvent[]; counts: Counts }> => {
  const { plan, links, target, around, seen, seenBy } = execution
  const reading = { seenBy, at: around.at }
  const place = { orgId: around.orgId, connectionId: around.connectionId, type: plan.type }
  // A record that only got another id at the source is the same record here.
  const gone = plan.gone.filter((each) => each.localId !== each.survivorLocalId)
  const works = plan.creates.length + plan.updates.length + gone.length > 0
  const named = plan.updates.flatMap(nameOf)
  const moved = execution.leavesOthers ? [] : movedBy(plan)
  // Whoever writes at this moment what names them would not learn their ids.
  if (named.length + moved.length > 0) await takeTurnsOfNaming(tx, target, plan.type, around)
  const events = works ? await target.apply(tx, { ...plan, gone }, around) : []
  await writeLinks(
    tx,
    place,
    [
      ...plan.creates.map((each) => created(each, around)),
      ...plan.updates.map((each) => updated(each, links, around)),
      ...plan.gone.map((each) => retired(each, links)),
    ],
    reading,
  )
  await markSeen(tx, place, seen, reading)
  await writeAliases(
    tx,
    place,
    plan.gone.flatMap(({ externalId, survivorId }) => (survivorId ? [{ externalId, survivorId }] : [])),
    around.at,
  )
  const conflicts = await writeDecisions(tx, { ...plan, gone }, around)
  const freed = named.length > 0 ? ((await target.named?.(tx, plan.type, named, around)) ?? []) : []
  if (moved.length > 0)
    await noteOutgoing(tx, place, (await target.moved?.(tx, plan.type, moved, around)) ?? [], around.at)
  // What was refused is read again, to learn why; that must not be a reason to write it again. A run tries it once more.
  const refused = around.runId ? NONE : await refusedBefore(tx, around.orgId, plan.pushes)
  const changed = plan.pushes
    .filter(({ localId }) => !refused.has(localId))
    .map(({ localId }) => ({ type: plan.type, localId }))
  await noteOutgoing(tx, place, [...changed, ...freed], around.at)
  const again = plan.again.map((externalId) => ({ ...place, externalId, hasLinks: true }))
  await noteSignals(tx, again, around.at)
  const skipped = plan.unchanged.length
  return {
    events: [...events, ...(target.contested?.(conflicts) ?? [])],
    counts: {
      ...noCounts(),
      done: plan.creates.length + plan.updates.length + skipped,
      created: plan.creates.length,
      updated: plan.updates.length,
      skipped,
      deleted: gone.length,
      conflicts: plan.decisions.filter((decision) => !decision.isKnown).length,
    },
  }
}

/** Waits for whoever writes what may name records of a type: turns are taken in the order that `namedBy` keeps. */
export const takeTurnsOfNaming = async (
  tx: object,
  target: Target,
  type: string,
  { connectionId }: Applying,
): Promise<void> => {
  for (const naming of target.namedBy?.(type) ?? []) await takeTurnOf(tx, { connectionId, type: naming })
}

/** What was merged, or is gone: also what was deleted here before the source ever had it. What was deleted here otherwise may come back. */
const movedBy = ({ gone, updates }: Plan): Moved[] => [
  ...updates.flatMap(({ formerId, externalId }) =>
    formerId === undefined || isPlaceholder(formerId) || isPlaceholder(externalId)
      ? []
      : [{ from: formerId, to: externalId }],
  ),
  ...gone.flatMap(({ externalId, reason, survivorId }): Moved[] => {
    if (reason === 'merged')
      return survivorId === undefined || isPlaceholder(externalId)
        ? []
        : [{ from: externalId, to: survivorId }]
    const isOver = reason === 'archived' || reason === 'missing' || isPlaceholder(externalId)
    return isOver ? [{ from: externalId, to: null }] : []
  }),
]

const NONE: ReadonlySet<string> = new Set()

/** Records that the source has now and that were only here before. */
const nameOf = ({ formerId, externalId }: Update): { placeholder: string; externalId: string }[] =>
  formerId !== undefined && isPlaceholder(formerId) ? [{ placeholder: formerId, externalId }] : []

const instantOf = (modifiedAt: Date | undefined, around: Applying): string =>
  (modifiedAt ?? around.at).toISOString()

const created = (create: Create, around: Applying): LinkRow => ({
  external_id: create.externalId,
  local_id: create.localId,
  base: create.base,
  lineage: { at: instantOf(create.modifiedAt, around), run: around.runId },
  external_modified: create.modifiedAt,
  gone_reason: null,
})

const updated = (update: Update, links: ReadonlyMap<string, Link>, around: Applying): LinkRow => {
  const known = links.get(update.formerId ?? update.externalId)
  const came = { at: instantOf(update.modifiedAt, around), run: around.runId }
  const lineage: PackedLineage = known?.lineage ?? came
  const changed = Object.keys(update.diff).map((field) => [field, came] as const)
  return {
    external_id: update.externalId,
    local_id: update.localId,
    base: update.base,
    lineage:
      changed.length === 0
        ? lineage
        : { ...lineage, fields: { ...lineage.fields, ...Object.fromEntries(changed) } },
    external_modified: update.modifiedAt,
    gone_reason: null,
  }
}

const retired = (gone: Gone, links: ReadonlyMap<string, Link>): LinkRow => {
  const known = links.get(gone.externalId)
  return {
    external_id: gone.externalId,
    local_id: gone.localId,
    base: known?.base,
    lineage: known?.lineage ?? { at: new Date(0).toISOString() },
    external_modified: known?.modifiedAt,
    gone_reason: gone.reason,
  }
}
