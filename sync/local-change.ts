import type { NewEvent } from '#events/outbox.ts'
import { noteOurs } from './agreement.ts'
import { applyPlan } from './apply.ts'
import { takeTurnOf } from './checkpoint.ts'
import { moveOurs } from './decisions.ts'
import { type Link, type LinkPlace, linksOfLocals, placeholderOf } from './links.ts'
import { noteOutgoing } from './outgoing.ts'
import { emptyPlan, type Plan, type Update } from './plan.ts'
import type { Applying, Target } from './target.ts'
import { type FieldValue, filled, same, storable, type Values } from './values.ts'

/**
 * What somebody did here, with records that another system has too. It is written at once, and noted to be written there.
 * - a field that is set to what it is already is no change
 * - a record that is gone is not changed: it is named as missing
 */
export interface LocalChanges {
  /** `assumed`: what the source will say by itself, such as when it was made: held until it does, and never written. */
  creates?: readonly { localId: string; values: Values; assumed?: Values }[]
  /** Only the fields that are set. */
  updates?: readonly { localId: string; values: Values }[]
  /** By local id. */
  deletes?: readonly string[]
}

export interface LocallyChanged {
  events: NewEvent[]
  /** Of the updates and deletes: records that are not here, or are gone. */
  missing: string[]
  /** Records that are to be written at the source now. */
  noted: string[]
  /** What was updated, with the fields that really changed, as they were and as they are. */
  updated: Pick<Update, 'localId' | 'externalId' | 'diff'>[]
}

/**
 * Writes changes that were made here, in the caller's transaction: the target's rows with their versions and events, what both sides
 * last agreed on, and that they are to be written at the source. The number of statements does not depend on that of records.
 * @param isUrgent somebody waits for it
 */
export const changeLocally = async (
  tx: object,
  target: Target,
  place: LinkPlace,
  changes: LocalChanges,
  at: Date,
  isUrgent = true,
): Promise<LocallyChanged> => {
  const { creates = [], updates = [], deletes = [] } = changes
  const { type } = place
  const around: Applying = { orgId: place.orgId, connectionId: place.connectionId, runId: undefined, at }
  // Whoever reads the same records from the source waits, and then meets the change.
  await takeTurnOf(tx, place)
  const ids = [...updates.map(({ localId }) => localId), ...deletes]
  const links = ids.length > 0 ? await linksOfLocals(tx, place, ids) : new Map<string, Link>()
  const live = (localId: string) => {
    const link = links.get(localId)
    return link && link.goneReason === undefined ? link : undefined
  }
  const current: ReadonlyMap<string, Values> =
    updates.length > 0 ? await target.current(tx, type, ids) : new Map()
  const updated = updates.flatMap(({ localId, values }) => {
    const link = live(localId)
    return link ? (updateOf(link, current.get(localId) ?? {}, values, at) ?? []) : []
  })
  const plan: Plan = {
    ...emptyPlan(type),
    creates: creates.map(({ localId, values, assumed = {} }) => ({
      ...{ localId, externalId: placeholderOf(localId), modifiedAt: undefined },
      ...{ values: filled({ ...values, ...assumed }), base: assumed },
    })),
    updates: updated,
    gone: deletes.flatMap((localId) => {
      const link = live(localId)
      return link ? [{ externalId: link.externalId, localId, reason: 'deleted' as const }] : []
    }),
  }
  const events = await applyOurs(tx, target, plan, links, around, current)
  const moved = updated.flatMap(({ localId, diff }) =>
    Object.entries(diff).map(([field, { to }]) => ({ localId, field, ours: to })),
  )
  const conflicts = await moveOurs(tx, place, moved, at)
  const noted = [...plan.creates, ...plan.updates, ...plan.gone].map(({ localId }) => localId)
  await noteOutgoing(
    tx,
    place,
    noted.map((localId) => ({ type, localId, isUrgent })),
    at,
  )
  return {
    events: [...events, ...(target.contested?.(conflicts) ?? [])],
    noted,
    missing: ids.filter((id) => live(id) === undefined),
    updated,
  }
}

const updateOf = (link: Link, held: Values, wanted: Values, at: Date): Update | undefined => {
  const diff: Record<string, { from: FieldValue; to: FieldValue }> = {}
  for (const field in wanted) {
    const [from, to] = [held[field] ?? null, storable(wanted[field] ?? null)]
    if (!same(from, to)) diff[field] = { from, to }
  }
  if (Object.keys(diff).length === 0) return undefined
  const values: Record<string, FieldValue> = { ...held }
  for (const field in diff) values[field] = diff[field]!.to
  const { externalId, localId, modifiedAt } = link
  return {
    externalId,
    localId,
    diff,
    values: filled(values),
    base: link.base ?? held,
    modifiedAt,
    restored: false,
    changedHereAt: at,
  }
}

/** The rows of what is known keep their link: only new and deleted records' links are written as a reading would write them. */
const applyOurs = async (
  tx: object,
  target: Target,
  plan: Plan,
  links: ReadonlyMap<string, Link>,
  around: Applying,
  current: ReadonlyMap<string, Values>,
): Promise<NewEvent[]> => {
  const { updates, ...rest } = plan
  const changed =
    updates.length > 0 ? await target.apply(tx, { ...emptyPlan(plan.type), updates }, around) : []
  await noteOurs(
    tx,
    { ...around, type: plan.type },
    updates.map(({ localId, diff }) => ({
      ...{ localId, held: current.get(localId) ?? {}, fields: Object.keys(diff) },
    })),
    around.at,
  )
  const byExternal = new Map([...links.values()].map((link) => [link.externalId, link]))
  const execution = { target, around, links: byExternal, seen: [], seenBy: undefined }
  const { events } = await applyPlan(tx, { plan: { ...rest, updates: [] }, ...execution })
  return [...changed, ...events]
}
