import { publish } from '#events/outbox.ts'
import { newId } from '#kernel/ids.ts'
import { comeTogether } from './agreement.ts'
import { ALERT_AFTER, alertsOfRecords } from './alerts.ts'
import { concludeWrites } from './conclude.ts'
import { resolveLetters } from './dead-letters.ts'
import { holdLane } from './lanes.ts'
import { linksOfLocals } from './links.ts'
import { notedOut } from './outgoing.ts'
import { type Pending, type Pushing, pendingOf, type Sent } from './pending.ts'
import { sourceWins } from './policy.ts'
import { lookBehindEarlier, putBack, riskOf } from './restore.ts'
import { settle, type Waiting } from './settle.ts'
import { applyApart, applyStep, isPoison, type Step } from './step.ts'
import { sameValues } from './values.ts'
import { answerWrites, intendWrites } from './writes.ts'

/** What somebody has approved of a batch. */
export interface Approval {
  /** What the source has just said of these records: it is not asked again. */
  told: Step
  /** Whether it is what was approved. What is not waits on. */
  covers(pending: Pending): boolean
}

/**
 * Writes records of ours at the source, one batch: what it is to be asked about first is asked, what is about to be sent is noted,
 * it is sent, and what came of it is noted. Whatever is cut off in between is found by its note and done again: nothing is made twice.
 * @param approval left out: whatever there is to write is written
 * @throws what the source throws when nothing is known of the writes; HUB_LEASE_LOST
 */
export const pushBatch = async (
  pushing: Pushing,
  taken: readonly Waiting[],
  signal: AbortSignal,
  approval?: Approval,
): Promise<void> => {
  const { options, opened, lane } = pushing
  const { database, clock } = options
  const ids = taken.map(({ key }) => key)
  await lookBehindEarlier(pushing, ids)
  signal.throwIfAborted()
  const first = await database.read(lane.orgId, (tx) => pendingOf(tx, opened, lane, ids))
  const asked = first.filter((each) => (approval ? each.operation !== 'CREATE' : isAsked(pushing, each)))
  const step = asked.length > 0 ? (approval?.told ?? (await ask(pushing, asked, signal))) : undefined
  await bringOver(pushing, step)
  signal.throwIfAborted()
  const revisions = new Map(step?.records?.map(({ externalId, revision }) => [externalId, revision]))
  const { sent, waiting } = await database.transaction(lane.orgId, async (tx) => {
    await holdLane(tx, lane)
    // Asking may have noted them again, for what is written now.
    const waiting = asked.length > 0 ? await notedOut(tx, lane, ids) : taken
    const pending = asked.length > 0 ? await pendingOf(tx, opened, lane, ids) : first
    const covered = approval ? pending.filter((each) => approval.covers(each)) : pending
    const sent = covered.map((each): Sent => {
      const revision = revisions.get(each.externalId ?? '')
      return { ...each, id: newId(clock), unlooked: riskOf(pushing, each), revision }
    })
    await intendWrites(tx, lane, sent, clock.now())
    // Of the others nothing differs, or nothing that may be written now.
    const busy = new Set(pending.map(({ localId }) => localId))
    const idle = waiting.filter(({ key }) => !busy.has(key))
    await settle(tx, lane, idle, [])
    await agreeAgain(tx, pushing, idle)
    return { sent, waiting }
  })
  if (sent.length === 0) return
  const startedAt = clock.now()
  const told = await opened.sink.write(lane.type, sent).catch(async (error: unknown) => {
    await database.transaction(lane.orgId, (tx) =>
      answerWrites(
        tx,
        lane.orgId,
        sent.map(({ id }) => ({ id, state: 'UNKNOWN' })),
        clock.now(),
      ),
    )
    throw error
  })
  const done = new Set(told.written.map(({ id }) => id))
  const back = await putBack(
    pushing,
    sent.filter(({ id }) => done.has(id)),
  )
  const answer = {
    ...told,
    written: told.written.map((each) => ({ ...each, putBack: [...(back.get(each.id) ?? [])] })),
  }
  await database.transaction(lane.orgId, async (tx) => {
    await holdLane(tx, lane)
    const at = clock.now()
    const { events, failed } = await concludeWrites(tx, pushing, { sent, answer, waiting, startedAt, at })
    const alerts = alertsOfRecords(
      lane,
      failed.filter(({ attempts }) => attempts >= ALERT_AFTER),
    )
    const raised = (await options.raise?.(tx, lane.orgId, alerts, at)) ?? []
    await publish(tx, lane.orgId, [...events, ...raised], at)
  })
}

/** Notes of records that nothing is written of where both sides say the same again: nothing of them is given up any more. */
const agreeAgain = async (tx: object, { options, opened, lane }: Pushing, idle: readonly Waiting[]) => {
  const ids = idle.map(({ key }) => key)
  const links = ids.length > 0 ? [...(await linksOfLocals(tx, lane, ids)).values()] : []
  const apart = links.filter(({ base, goneReason }) => base !== undefined && goneReason === undefined)
  if (apart.length === 0) return
  const current = await opened.target.current(
    tx,
    lane.type,
    apart.map(({ localId }) => localId),
  )
  const alike = apart.filter(({ localId, base = {} }) => sameValues(base, current.get(localId) ?? {}))
  const externalIds = alike.map(({ externalId }) => externalId)
  await comeTogether(tx, lane, externalIds)
  await resolveLetters(tx, { ...lane, direction: 'OUT' }, externalIds, options.clock.now())
}

/**
 * Whether the source is asked how the record is now before it is written: where it may be right. Not every source can be told to write
 * only what nobody has changed meanwhile. What is the hub's own to say is said.
 */
const isAsked = ({ opened, lane }: Pushing, { operation, fields }: Pending): boolean => {
  const policy = opened.policy ?? sourceWins
  if (operation === 'CREATE' || policy.isOurs?.(lane.type)) return false
  return operation === 'ARCHIVE' || Object.keys(fields).some((field) => policy.of(lane.type, field) !== 'HUB')
}

/** Reads the truth of records. Undefined where nobody can. */
const ask = async (
  { options: { clock }, opened, lane }: Pushing,
  asked: readonly Pending[],
  signal: AbortSignal,
): Promise<Step | undefined> => {
  const type = opened.source.types.find((each) => each.type === lane.type)
  if (!type?.read) return undefined
  const askedAt = clock.now()
  const ids = asked.flatMap(({ externalId }) => externalId ?? [])
  const linked = new Set(
    asked.filter(({ fields }) => hasLists(fields)).flatMap((each) => each.externalId ?? []),
  )
  const { records, missing, refused = [] } = await type.read(ids, linked)
  signal.throwIfAborted()
  const reason = type.archived ? ('archived' as const) : ('missing' as const)
  return { type: lane.type, records, gone: { ids: missing, reason }, refused, askedAt }
}

/** Brings over what has changed there: what is left to write follows from it. */
const bringOver = async ({ options, opened, lane }: Pushing, step: Step | undefined): Promise<void> => {
  if (!step) return
  const { database, clock } = options
  const store = (apply: typeof applyStep) =>
    database.transaction(lane.orgId, async (tx) => {
      const seenBy = await holdLane(tx, lane)
      const at = clock.now()
      const around = { orgId: lane.orgId, connectionId: lane.connectionId, runId: undefined, at }
      const policy = opened.policy ?? sourceWins
      const { events } = await apply(
        tx,
        { target: opened.target, policy, around, seenBy, marksUnchanged: true },
        step,
      )
      await publish(tx, lane.orgId, events, at)
    })
  await store(applyStep).catch((error: unknown) => {
    if (!isPoison(error)) throw error
    return store((tx, taking, told) => applyApart(tx, taking, told))
  })
}

/** Links of a record are lists: only where they differ have they to be read. */
const hasLists = (fields: Pending['fields']): boolean =>
  Object.values(fields).some(({ from, to }) => Array.isArray(from) || Array.isArray(to))
