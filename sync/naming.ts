import type { NewEvent } from '#events/outbox.ts'
import { nameDeleted } from './agreement.ts'
import { applyPlan } from './apply.ts'
import type { Link, LinkPlace } from './links.ts'
import { noteOutgoing } from './outgoing.ts'
import { emptyPlan } from './plan.ts'
import type { Applying, Target } from './target.ts'
import type { Values } from './values.ts'

/** A record that was only here until now. */
export interface Named {
  /** Under its placeholder. */
  link: Link
  /** What the source calls it. */
  externalId: string
  modifiedAt: Date | undefined
  /** What the hub holds of it. */
  held: Values
  /** What both sides agree on; undefined when it is all of that. */
  base: Values | undefined
}

/**
 * Gives records the ids that the source has for them, as when the source gives a record another one: what leads to the placeholder
 * leads to them. What waited for the ids is noted to be written. One that was deleted here meanwhile only learns its id.
 */
export const nameRecords = async (
  tx: object,
  target: Target,
  place: LinkPlace,
  named: readonly Named[],
  around: Applying,
): Promise<NewEvent[]> => {
  if (named.length === 0) return []
  const { type } = place
  const deleted = named.filter(({ link }) => link.goneReason === 'deleted')
  const live = named.filter(({ link }) => link.goneReason !== 'deleted')
  await nameDeleted(tx, place, deleted.map(pairOf))
  if (deleted.length > 0) await target.namedGone?.(tx, type, deleted.map(pairOf), around)
  await noteOutgoing(
    tx,
    place,
    deleted.map(({ link }) => ({ type, localId: link.localId })),
    around.at,
  )
  if (live.length === 0) return []
  const plan = {
    ...emptyPlan(type),
    updates: live.map(({ link, externalId, modifiedAt, held, base }) => ({
      ...{ externalId, localId: link.localId, formerId: link.externalId, diff: {}, values: held },
      ...{ base, modifiedAt, restored: false },
    })),
    gone: live.map(({ link, externalId }) => ({
      ...{ externalId: link.externalId, localId: link.localId, reason: 'merged' as const },
      ...{ survivorId: externalId, survivorLocalId: link.localId },
    })),
  }
  const links = new Map(live.map(({ link }) => [link.externalId, link]))
  const { events } = await applyPlan(tx, { plan, links, target, around, seen: [], seenBy: undefined })
  return events
}

const pairOf = ({ link, externalId, held, base = held, modifiedAt }: Named) => ({
  ...{ placeholder: link.externalId, externalId, base, modifiedAt },
})
