import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { auditAll } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type ContestedField, type ContestFilter, listContested } from '#sync/conflicts.ts'
import { type Choice, lockContested, resolveContested } from '#sync/resolve.ts'
import type { Asking, Contested, Said, Telling } from './vendor.ts'

/** Whose value counts: the other system's or the hub's. */
export type Side = 'theirs' | 'ours'

type Vendor<Asker> = Telling & Contested<Asker>

/** Most conflicts that are resolved at a time. */
export const MOST_RESOLVED = 200

/** What deciding one conflict comes to. */
export type Resolved =
  | { missing: true }
  | { currentVersion: number }
  | { wrong: string }
  | { conflict: ContestedField; receipt: Receipt }

/**
 * Ends a conflict as a person decided, and whatever is settled together with it: what was decided holds here at once, and is written
 * to the other system where that has something else.
 */
export const resolveConflict =
  <Asker extends Asking>(vendor: Vendor<Asker>) =>
  (ctx: Asker, ask: { id: string; choice: Side | Said; expectedVersion: number }): Promise<Resolved> =>
    ctx.write(async (tx): Promise<Resolved> => {
      const { orgId } = ctx
      const { id, choice: asked } = ask
      const found = isId(id) ? await listContested(tx, orgId, { ids: [id] }, { limit: 1, after: null }) : []
      if (found.length === 0) return { missing: true }
      const together = typeof asked === 'string' ? await partnersOf(vendor, tx, orgId, found) : undefined
      const locked = await lockContested(tx, orgId, found, together)
      const conflict = locked.find((each) => each.id === id)
      if (!conflict) return { missing: true }
      if (conflict.outcome !== 'open' || conflict.version !== ask.expectedVersion)
        return { currentVersion: conflict.version }
      const choice = typeof asked === 'string' ? asked : await vendor.checked(tx, orgId, conflict, asked)
      if (typeof choice === 'object' && 'wrong' in choice) return choice
      const resolved = await settle(vendor, tx, ctx, locked, choice)
      return { conflict: resolved.find((each) => each.id === id) ?? conflict, receipt: await receiptOf(tx) }
    })

/** What became of one conflict of many. */
export interface Outcome {
  id: string
  state: 'RESOLVED' | 'STALE' | 'MISSING'
  version: number | null
}

/** What deciding many conflicts comes to. */
export interface ManyResolved {
  outcomes: Outcome[]
  hasMore: boolean
  receipt: Receipt
}

/** The same for many at a time, for one side: those that somebody else has ended meanwhile are named, the others proceed. */
export const resolveConflicts =
  <Asker extends Asking>(vendor: Vendor<Asker>) =>
  (
    ctx: Asker,
    ask: { ids: readonly string[] | null; filter: ContestFilter; choice: Side },
  ): Promise<ManyResolved> =>
    ctx.write(async (tx) => {
      const { orgId } = ctx
      const sound = ask.ids?.filter(isId)
      const filter = sound ? { ids: sound } : { ...ask.filter, state: 'OPEN' as const }
      const found = await listContested(tx, orgId, filter, { limit: MOST_RESOLVED + 1, after: null })
      const taken = found.slice(0, MOST_RESOLVED)
      const together = await partnersOf(vendor, tx, orgId, taken)
      const locked = await lockContested(tx, orgId, taken, together)
      const settled = await settle(vendor, tx, ctx, locked, ask.choice)
      const resolved = new Map(settled.map((conflict) => [conflict.id, conflict]))
      const known = new Map(locked.map((conflict) => [conflict.id, conflict]))
      const named = ask.ids ?? [...known.keys()]
      const outcomeOf = (id: string): Outcome => {
        const done = resolved.get(id)
        if (done) return { id, state: 'RESOLVED', version: done.version }
        const version = known.get(id)?.version ?? null
        return { id, state: version === null ? 'MISSING' : 'STALE', version }
      }
      return {
        outcomes: [...new Set(named)].map(outcomeOf),
        hasMore: found.length > MOST_RESOLVED,
        receipt: await receiptOf(tx),
      }
    })

const partnersOf = <Asker>(
  vendor: Vendor<Asker>,
  tx: object,
  orgId: string,
  found: readonly ContestedField[],
) => vendor.partners(tx, orgId, [...new Set(found.map(({ connectionId }) => connectionId))])

/** Ends those of them that are open. */
const settle = async <Asker extends Asking>(
  vendor: Vendor<Asker>,
  tx: object,
  ctx: Asker,
  conflicts: readonly ContestedField[],
  choice: Choice,
): Promise<ContestedField[]> => {
  const { orgId, principal, clock } = ctx
  const at = clock.now()
  const open = conflicts.filter(({ outcome }) => outcome === 'open')
  const lanes = Map.groupBy(open, ({ connectionId, type }) => `${connectionId} ${type}`)
  const all: ContestedField[] = []
  for (const [, ofLane] of [...lanes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { connectionId, type } = ofLane[0] as ContestedField
    const ids = ofLane.map(({ localId }) => localId)
    const held = await vendor.held(tx, type, ids)
    const place = { orgId, connectionId, type }
    const { resolved, consequences } = await resolveContested(tx, place, ofLane, { choice, held }, at)
    await vendor.change(ctx, tx, { connectionId, type }, consequences, at)
    all.push(...resolved)
  }
  await auditAll(
    tx,
    all.map((conflict) => ({
      orgId,
      principal,
      action: vendor.actions.resolveConflict,
      subject: { type: vendor.conflict, id: conflict.id },
      before: { state: 'OPEN', version: conflict.version - 1 },
      after: { state: 'RESOLVED', version: conflict.version, outcome: conflict.outcome },
      at,
    })),
  )
  await publish(tx, orgId, all.map(vendor.contested), at)
  return all
}
