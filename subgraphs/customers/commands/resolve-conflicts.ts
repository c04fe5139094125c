import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { auditAll } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type Choice, lockContested, resolveContested } from '#sync/resolve.ts'
import type { Context } from '../context.ts'
import { chosenValue, type Said } from '../domain/choosing-values.ts'
import type { RecordType } from '../domain/kinds.ts'
import { moneyFields, tableOf } from '../domain/policy.ts'
import { conflictTold } from '../domain/telling-conflicts.ts'
import { catalogsOf } from '../store/catalog.ts'
import { type ConflictRow, type ContestFilter, listContested } from '../store/conflicts.ts'
import { mappingsOf, overridesOf } from '../store/mappings.ts'
import { policiesOf } from '../store/policies.ts'
import type { Transaction } from '../store/transaction.ts'

export type Side = 'HUBSPOT' | 'HUB'
const SIDES = { HUBSPOT: 'theirs', HUB: 'ours' } as const

/** Most conflicts that are resolved at a time. */
export const MOST_RESOLVED = 200

/**
 * Ends a conflict as a person decided, and whatever is settled together with it: what was decided holds here at once, and is written
 * to HubSpot where that has something else.
 */
export const resolveConflict = (
  ctx: Context,
  ask: { id: string; choice: Side | Said; expectedVersion: number },
): Promise<
  | { missing: true }
  | { currentVersion: number }
  | { wrong: string }
  | { conflict: ConflictRow; receipt: Receipt }
> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    const found = isId(ask.id)
      ? await listContested(tx, orgId, { ids: [ask.id] }, { limit: 1, after: null })
      : []
    if (found.length === 0) return { missing: true }
    const isSide = typeof ask.choice === 'string'
    const locked = await lockContested(
      tx,
      orgId,
      found,
      isSide ? await partners(tx, orgId, found) : undefined,
    )
    const conflict = locked.find(({ id }) => id === ask.id)
    if (!conflict) return { missing: true }
    if (conflict.outcome !== 'open' || conflict.version !== ask.expectedVersion)
      return { currentVersion: conflict.version }
    const choice =
      typeof ask.choice === 'string' ? SIDES[ask.choice] : await checkedValue(tx, ctx, conflict, ask.choice)
    if (typeof choice === 'object' && 'wrong' in choice) return choice
    const resolved = await settle(tx, ctx, locked, choice)
    return {
      conflict: resolved.find(({ id }) => id === ask.id) ?? conflict,
      receipt: await receiptOf(tx),
    }
  })

/** What became of one conflict of many. */
export interface Outcome {
  id: string
  state: 'RESOLVED' | 'STALE' | 'MISSING'
  version: number | null
}

/** The same for many at a time, for one side: those that somebody else has ended meanwhile are named, the others proceed. */
export const resolveConflicts = (
  ctx: Context,
  ask: { ids: readonly string[] | null; filter: ContestFilter; choice: Side },
): Promise<{ outcomes: Outcome[]; hasMore: boolean; receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId } = ctx
    const sound = ask.ids?.filter(isId)
    const filter = sound ? { ids: sound } : { ...ask.filter, state: 'OPEN' as const }
    const found = await listContested(tx, orgId, filter, { limit: MOST_RESOLVED + 1, after: null })
    const taken = found.slice(0, MOST_RESOLVED)
    const locked = await lockContested(tx, orgId, taken, await partners(tx, orgId, taken))
    const resolved = new Map(
      (await settle(tx, ctx, locked, SIDES[ask.choice])).map((conflict) => [conflict.id, conflict]),
    )
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

/** Which fields of each connection are settled together. */
const partners = async (tx: Transaction, orgId: string, found: readonly ConflictRow[]) => {
  const ids = [...new Set(found.map(({ connectionId }) => connectionId))]
  const mappings = await mappingsOf(tx, orgId, ids)
  const policies = await policiesOf(tx, orgId, ids)
  const tables = [...policies.values()].map((policy) =>
    tableOf(
      policy,
      moneyFields(overridesOf(mappings.filter((row) => row.integration_id === policy.integrationId))),
    ),
  )
  return (type: string, field: string) => [...new Set(tables.flatMap((table) => table.together(type, field)))]
}

const checkedValue = async (
  tx: Transaction,
  { orgId }: Context,
  conflict: ConflictRow,
  said: Said,
): Promise<Choice | { wrong: string }> => {
  const catalogs = await catalogsOf(tx, orgId, [conflict.connectionId])
  const property = catalogs
    .get(conflict.connectionId)
    ?.get(conflict.type)
    ?.find(({ name }) => name === conflict.field)
  return chosenValue(conflict.field, said, property)
}

/** Ends those of them that are open. */
const settle = async (
  tx: Transaction,
  ctx: Context,
  conflicts: readonly ConflictRow[],
  choice: Choice,
): Promise<ConflictRow[]> => {
  const { orgId, principal, clock } = ctx
  const at = clock.now()
  const open = conflicts.filter(({ outcome }) => outcome === 'open')
  const lanes = Map.groupBy(open, ({ connectionId, type }) => `${connectionId} ${type}`)
  const all: ConflictRow[] = []
  for (const [, ofLane] of [...lanes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { connectionId, type } = ofLane[0] as ConflictRow
    const place = { orgId, connectionId, type }
    const { resolved, consequences } = await resolveContested(tx, place, ofLane, choice, at)
    await ctx.changeRecords(
      tx,
      { orgId, integrationId: connectionId, type: type as RecordType },
      consequences,
      at,
    )
    all.push(...resolved)
  }
  await auditAll(
    tx,
    all.map((conflict) => ({
      orgId,
      principal,
      action: 'resolveConflict',
      subject: { type: 'Conflict', id: conflict.id },
      before: { state: 'OPEN', version: conflict.version - 1 },
      after: { state: 'RESOLVED', version: conflict.version, outcome: conflict.outcome },
      at,
    })),
  )
  await publish(tx, orgId, all.map(conflictTold), at)
  return all
}
