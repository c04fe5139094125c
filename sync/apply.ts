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
import type { Applying, Target } from './target.ts'

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
}

/**
 * Executes a plan and nothing else, inside the caller's transaction: at most five statements besides the target's own,
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
  // Whoever writes at this moment what names them would not learn their ids. Turns are taken in the order that `namedBy` keeps.
  if (named.length > 0)
    for (const type of target.namedBy?.(plan.type) ?? []) await takeTurnOf(tx, { ...around, type })
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
  const conflicts = await writeDecisions(tx, { ...plan, gone: gone.filter(hadChanges(links)) }, around)
  const freed = named.length > 0 ? ((await target.named?.(tx, plan.type, named, around)) ?? []) : []
  const changed = plan.pushes.map(({ localId }) => ({ type: plan.type, localId }))
  await noteOutgoing(tx, place, [...changed, ...freed], around.at)
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

/** Only of what the hub had changed something may be undecided. */
const hadChanges =
  (links: ReadonlyMap<string, Link>) =>
  ({ externalId }: Gone): boolean =>
    links.get(externalId)?.base !== undefined

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
