import { isPlaceholder } from '../links.ts'
import type { Work } from '../page.ts'
import { riskOf } from '../restore.ts'
import type { Sink, Write } from '../sink.ts'
import { doneWith, isRemade, type PlanItem, written } from './items.ts'
import { kindsOfPlan, pendingItems } from './kept.ts'

/** Records that are read and written at a time when a plan is done. */
export const PLAN_BATCH = 100

/**
 * How many requests doing a plan takes when nothing has moved and nothing is refused: each record is read twice, before anything is
 * done and just before it is. What a source asks by itself, such as for a new token, is not among them.
 */
export const callsOfPlan = async (work: Work): Promise<number> => {
  const { database, run } = work
  const planId = run.planId ?? ''
  let calls = 0
  for (const kind of await database.read(run.orgId, (tx) => kindsOfPlan(tx, planId)))
    for (let after = ''; ; ) {
      const from = after
      const items = await database.read(run.orgId, (tx) => pendingItems(tx, planId, kind, from, PLAN_BATCH))
      const last = items.at(-1)
      if (!last) break
      calls += (kind.direction === 'IN' ? callsToBring : callsToWrite)(work, kind.type, items)
      work.signal.throwIfAborted()
      after = doneWith(last)
    }
  return calls
}

const callsToBring = ({ source }: Work, type: string, items: readonly PlanItem[]): number =>
  2 * callsToRead(source, type, items.some(isThere))

/** Of records that are gone there is nothing more to ask. */
const callsToRead = ({ types }: Work['source'], type: string, isAnyThere: boolean): number => {
  const found = types.find((each) => each.type === type)
  if (!found?.read) return 0
  return isAnyThere ? (found.callsToRead ?? 1) : 1
}

const isThere = ({ action, reason }: PlanItem): boolean =>
  action !== 'DELETE' || reason === 'merged' || reason === 'excluded'

const callsToWrite = (work: Work, type: string, items: readonly PlanItem[]): number => {
  const { source, target, policy, out } = work
  const isAsked = items.some(({ externalId }) => !isPlaceholder(externalId))
  // What is to be made again is looked for once, to see that it is gone.
  const isSought = !isAsked && items.some(isRemade)
  const once = callsToRead(source, type, isAsked)
  const reads = isAsked ? 2 * once : isSought ? once : 0
  const { sink, writes = [type] } = out
  if (!sink || !writes.includes(type)) return reads
  const planned = items.map(writeOf)
  const risked = planned.flatMap((write): Write[] => {
    const risk = riskOf({ opened: { source, target, policy, sink }, lane: { type } }, write)
    const fields = Object.entries(write.fields).filter(([field]) => risk && field in risk)
    return fields.length > 0 ? [{ ...write, fields: Object.fromEntries(fields) }] : []
  })
  return reads + (sink.callsToWrite?.(type, planned) ?? 1) + callsBehind(sink, type, risked)
}

const callsBehind = (sink: Sink, type: string, writes: readonly Write[]): number =>
  sink.overwritten && writes.length > 0 ? (sink.callsToLookBehind?.(type, writes) ?? 1) : 0

const OPERATIONS = { CREATE: 'CREATE', UPDATE: 'UPDATE', CONFLICT: 'UPDATE', DELETE: 'ARCHIVE' } as const

const writeOf = ({ externalId, localId, action, fields }: PlanItem): Write => ({
  ...{ id: externalId, localId: localId ?? '', operation: OPERATIONS[action] },
  externalId: isPlaceholder(externalId) ? undefined : externalId,
  fields: action === 'DELETE' ? {} : written(fields),
})
