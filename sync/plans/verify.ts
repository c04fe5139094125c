import type { Compared } from '../step.ts'
import { same } from '../values.ts'
import { doneWith, fingerprintOf, itemsOf, type PlanItem } from './items.ts'
import type { ItemOutcome, KeptItem } from './kept.ts'

/** What became of items by the time that they are to be done: those left are as planned, the others were so already or have moved. */
export interface Verified {
  left: KeptItem[]
  skipped: ItemOutcome[]
  moved: ItemOutcome[]
}

/** Compares what a plan would do with what there is to do now: pure. A record that has the planned values already has not moved. */
export const verifyItems = (planned: readonly KeptItem[], found: Compared): Verified => {
  const now = new Map(itemsOf(found.plan, found.links, found.current).map((item) => [item.externalId, item]))
  const verified: Verified = { left: [], skipped: [], moved: [] }
  const inPlan = new Set(planned.map(({ externalId }) => externalId))
  // A record that the plan does not know would change along with one that it knows.
  const strays = new Map(
    [...now.values()]
      .filter(({ externalId }) => !inPlan.has(externalId))
      .map((item) => [doneWith(item), item]),
  )
  for (const item of planned) {
    const fresh = now.get(item.externalId)
    const stray = strays.get(doneWith(item)) ?? strays.get(item.externalId)
    if (stray) verified.moved.push(movedTo(item, stray))
    else if (fresh && fingerprintOf(fresh) === item.fingerprint) verified.left.push(item)
    else if (!fresh && isSo(item, found))
      verified.skipped.push({ externalId: item.externalId, state: 'SKIPPED' })
    else verified.moved.push(movedTo(item, fresh))
  }
  return verified
}

/** An item that is not any more as planned, and what would be done instead. */
export const movedTo = ({ externalId }: PlanItem, fresh: PlanItem | undefined): ItemOutcome => ({
  externalId,
  state: 'MOVED',
  movedTo: fresh ? { action: fresh.action, fields: fresh.fields } : { action: null, fields: {} },
})

/** Whether the hub has what the plan would bring about. */
const isSo = ({ externalId, action, fields }: PlanItem, { links, current }: Compared): boolean => {
  const link = links.get(externalId)
  if (action === 'DELETE') return link === undefined || link.goneReason !== undefined
  const held = link && link.goneReason === undefined ? current.get(link.localId) : undefined
  return held !== undefined && Object.entries(fields).every(([field, { to }]) => same(held[field], to))
}
