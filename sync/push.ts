import { publish } from '#events/outbox.ts'
import { newId } from '#kernel/ids.ts'
import { ALERT_AFTER, alertsOfRecords } from './alerts.ts'
import { concludeWrites } from './conclude.ts'
import { holdLane } from './lanes.ts'
import { notedOut } from './outgoing.ts'
import { type Pending, type Pushing, pendingOf, type Sent } from './pending.ts'
import { sourceWins } from './policy.ts'
import { putBack } from './restore.ts'
import { settle, type Waiting } from './settle.ts'
import { applyApart, applyStep, isPoison, type Step } from './step.ts'
import { answerWrites, intendWrites } from './writes.ts'

/**
 * Writes records of ours at the source, one batch: what it is to be asked about first is asked, what is about to be sent is noted,
 * it is sent, and what came of it is noted. Whatever is cut off in between is found by its note and done again: nothing is made twice.
 * @throws what the source throws when nothing is known of the writes; HUB_LEASE_LOST
 */
export const pushBatch = async (
  pushing: Pushing,
  taken: readonly Waiting[],
  signal: AbortSignal,
): Promise<void> => {
  const { options, opened, lane } = pushing
  const { database, clock } = options
  const ids = taken.map(({ key }) => key)
  const first = await database.read(lane.orgId, (tx) => pendingOf(tx, opened, lane, ids))
  const asked = first.filter((each) => isAsked(pushing, each))
  if (asked.length > 0) await ask(pushing, asked, signal)
  signal.throwIfAborted()
  const { sent, waiting } = await database.transaction(lane.orgId, async (tx) => {
    await holdLane(tx, lane)
    // Asking may have noted them again, for what is written now.
    const waiting = asked.length > 0 ? await notedOut(tx, lane, ids) : taken
    const pending = asked.length > 0 ? await pendingOf(tx, opened, lane, ids) : first
    const sent = pending.map((each): Sent => ({ ...each, id: newId(clock) }))
    await intendWrites(tx, lane, sent, clock.now())
    // Of the others nothing differs, or nothing that may be written now.
    const busy = new Set(sent.map(({ localId }) => localId))
    await settle(
      tx,
      lane,
      waiting.filter(({ key }) => !busy.has(key)),
      [],
    )
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
  const answer = await putBack(pushing, sent, told)
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

/**
 * Whether the source is asked how the record is now before it is written: where it may be right. No source can be told to write only
 * what nobody has changed meanwhile. What is the hub's own to say is said.
 */
const isAsked = ({ opened, lane }: Pushing, { operation, fields }: Pending): boolean => {
  const policy = opened.policy ?? sourceWins
  if (operation === 'CREATE') return false
  return operation === 'ARCHIVE' || Object.keys(fields).some((field) => policy.of(lane.type, field) !== 'HUB')
}

/** Reads the truth of records, and brings over what has changed there: what is left to write follows from it. */
const ask = async (
  { options, opened, lane }: Pushing,
  asked: readonly Pending[],
  signal: AbortSignal,
): Promise<void> => {
  const { database, clock } = options
  const type = opened.source.types.find((each) => each.type === lane.type)
  if (!type?.read) return
  const askedAt = clock.now()
  const ids = asked.flatMap(({ externalId }) => externalId ?? [])
  const linked = new Set(
    asked.filter(({ fields }) => hasLists(fields)).flatMap((each) => each.externalId ?? []),
  )
  const { records, missing, refused = [] } = await type.read(ids, linked)
  signal.throwIfAborted()
  const reason = type.archived ? ('archived' as const) : ('missing' as const)
  const step: Step = { type: lane.type, records, gone: { ids: missing, reason }, refused, askedAt }
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
