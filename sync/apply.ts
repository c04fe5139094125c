import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { NewEvent } from '#events/outbox.ts'
import { idFrom } from '#kernel/ids.ts'
import { type Link, type LinkRow, markSeen, type PackedLineage, writeAliases, writeLinks } from './links.ts'
import type { Create, Decision, Gone, Plan, Update } from './plan.ts'
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
  await writeDecisions(tx, plan, around)
  const skipped = plan.unchanged.length
  return {
    events,
    counts: {
      ...noCounts(),
      done: plan.creates.length + plan.updates.length + skipped,
      created: plan.creates.length,
      updated: plan.updates.length,
      skipped,
      deleted: gone.length,
      conflicts: plan.decisions.length,
    },
  }
}

const instantOf = (modifiedAt: Date | undefined, around: Applying): string =>
  (modifiedAt ?? around.at).toISOString()

const created = (create: Create, around: Applying): LinkRow => ({
  external_id: create.externalId,
  local_id: create.localId,
  base: undefined,
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

const writeDecisions = async (tx: object, plan: Plan, around: Applying): Promise<void> => {
  if (plan.decisions.length === 0) return
  const rows = plan.decisions.map((decision) => decisionRow(decision, plan.type, around))
  await sql`
    insert into sync.decisions (org_id, id, connection_id, run_id, type, external_id, local_id, field, base, theirs, ours,
      theirs_at, policy, policy_version, outcome, decided_at)
    select ${around.orgId}::uuid, r.id, ${around.connectionId}::uuid, ${around.runId ?? null}::uuid, ${plan.type}, r.external_id,
      r.local_id, r.field, r.base, r.theirs, r.ours, r.theirs_at, r.policy, r.policy_version, r.outcome, ${around.at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, external_id text, local_id uuid, field text, base jsonb,
      theirs jsonb, ours jsonb, theirs_at timestamptz, policy text, policy_version integer, outcome text)
    on conflict do nothing`.execute(over(tx))
}

// JSON null, not SQL null: "it was empty" is a value that a decision is about.
const decisionRow = (decision: Decision, type: string, around: Applying) => ({
  id: idFrom(
    around.runId ?? around.at.toISOString(),
    type,
    decision.externalId,
    decision.field,
    JSON.stringify(decision.theirs),
  ),
  external_id: decision.externalId,
  local_id: decision.localId,
  field: decision.field,
  base: { value: decision.base },
  theirs: { value: decision.theirs },
  ours: { value: decision.ours },
  theirs_at: decision.theirsAt,
  policy: decision.policy,
  policy_version: decision.policyVersion,
  outcome: decision.outcome,
})
