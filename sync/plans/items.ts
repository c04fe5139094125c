import { isPlaceholder, type Link } from '../links.ts'
import type { Pending } from '../pending.ts'
import { contentHash, type Decision, type Plan } from '../plan.ts'
import { WHOLE_RECORD } from '../policy.ts'
import type { FieldValue, Values } from '../values.ts'

/**
 * plan  what a sync would do, kept until somebody approves it: then that is done and nothing else
 * item  what it would do with one record. IN: the hub's own record changes. OUT: the source's does
 */
export interface PlanItem {
  direction: 'IN' | 'OUT'
  type: string
  externalId: string
  localId: string | null
  /** CONFLICT: both sides have changed it; what the policy says of each field stands beside it. */
  action: ItemAction
  fields: Readonly<Record<string, FieldChange>>
  /** Why it goes or comes back, or why it cannot be restored. */
  reason: string | null
  /** Merged: the record that took its place. */
  survivorId: string | null
  /** When the source says that it changed, and a hash of what the hub held, when the plan was made. */
  sourceAt: Date | null
  ours: string | null
}
export type ItemAction = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONFLICT'

/** PENDING: nothing was done yet. SKIPPED: it was so already. MOVED: the record is not any more as the plan says. */
export type ItemState = 'PENDING' | 'DONE' | 'SKIPPED' | 'MOVED' | 'IMPOSSIBLE'

/** What a field is and what it becomes; of a contested one what the source says, the policy, and how it decides. */
export interface FieldChange {
  from: FieldValue
  to: FieldValue
  theirs?: FieldValue
  policy?: string
  outcome?: Decision['outcome']
}

/** What an item is about, whenever and in whatever page it was found: same print, same change. */
export const fingerprintOf = ({
  direction,
  type,
  externalId,
  action,
  fields,
  survivorId,
}: PlanItem): string => contentHash({ direction, type, externalId, action, fields, survivorId })

/** Of what is said of fields what would be written: about a contested one that only tells what it is. */
export const written = (fields: PlanItem['fields']): Record<string, FieldChange> =>
  Object.fromEntries(Object.entries(fields).filter(([, { outcome }]) => outcome === undefined))

/** Whether the source has had the record before. */
export const isRemade = ({ direction, action, externalId, sourceAt }: PlanItem): boolean =>
  direction === 'OUT' && action === 'CREATE' && isPlaceholder(externalId) && sourceAt !== null

/** What is read again before the item is done: of merged records the one that is left. */
export const doneWith = ({ survivorId, externalId }: Pick<PlanItem, 'survivorId' | 'externalId'>): string =>
  survivorId ?? externalId

/** What a comparison would change in the hub, record by record. What only has another id there is no change. */
export const itemsOf = (
  plan: Plan,
  links: ReadonlyMap<string, Link>,
  current: ReadonlyMap<string, Values>,
): PlanItem[] => {
  const decisions = Map.groupBy(plan.decisions, (each) => each.externalId)
  const common = (externalId: string, localId: string, sourceAt?: Date) => {
    const held = current.get(localId)
    return {
      ...{ direction: 'IN' as const, type: plan.type, externalId, localId, survivorId: null },
      ...{ sourceAt: sourceAt ?? links.get(externalId)?.modifiedAt ?? null },
      ours: held ? contentHash(held).slice(0, 16) : null,
    }
  }
  const creates = plan.creates.map((each): PlanItem => {
    const set = Object.entries(each.values).map(([field, to]) => [field, { from: null, to }] as const)
    const fields = Object.fromEntries(set)
    return {
      ...common(each.externalId, each.localId, each.modifiedAt),
      action: 'CREATE',
      fields,
      reason: null,
    }
  })
  const updates = plan.updates.flatMap((each): PlanItem[] => {
    const contested = decisions.get(each.externalId) ?? []
    decisions.delete(each.externalId)
    const reason = each.restored ? 'restored' : null
    const fields = { ...each.diff, ...contestedFields(contested, each.diff) }
    if (Object.keys(fields).length === 0 && !reason) return []
    const action = contested.length > 0 ? 'CONFLICT' : 'UPDATE'
    return [{ ...common(each.externalId, each.localId, each.modifiedAt), action, fields, reason }]
  })
  const gone = plan.gone
    .filter((each) => each.localId !== each.survivorLocalId)
    .map((each): PlanItem => {
      const contested = contestedFields(decisions.get(each.externalId) ?? [], {})
      decisions.delete(each.externalId)
      const { reason, survivorId = null } = each
      return {
        ...common(each.externalId, each.localId),
        action: 'DELETE',
        fields: contested,
        reason,
        survivorId,
      }
    })
  const open = [...decisions].map(([externalId, contested]): PlanItem => {
    const fields = contestedFields(contested, {})
    const localId = contested[0]?.localId ?? ''
    return {
      ...common(externalId, localId, contested[0]?.theirsAt),
      action: 'CONFLICT',
      fields,
      reason: null,
    }
  })
  return [...creates, ...updates, ...gone, ...open]
}

const contestedFields = (
  decisions: readonly Decision[],
  diff: Readonly<Record<string, FieldChange>>,
): Record<string, FieldChange> =>
  Object.fromEntries(
    decisions.map(({ field, theirs, ours, word, outcome }) => [
      field === WHOLE_RECORD ? WHOLE_RECORD : field,
      { from: ours, to: diff[field]?.to ?? ours, theirs, policy: word, outcome },
    ]),
  )

const WRITES = { CREATE: 'CREATE', UPDATE: 'UPDATE', ARCHIVE: 'DELETE' } as const

/** What would be written at the source, record by record. */
export const itemsOut = (type: string, pending: readonly Pending[]): PlanItem[] =>
  pending.map(({ localId, operation, fields, link, held }) => ({
    ...{ direction: 'OUT', type, externalId: link.externalId, localId, action: WRITES[operation], fields },
    ...{ reason: null, survivorId: null, sourceAt: link.modifiedAt ?? null },
    ours: contentHash(held).slice(0, 16),
  }))
