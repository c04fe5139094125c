import type { NewEvent } from '#events/outbox.ts'
import { isHubError } from '#kernel/errors.ts'
import { type Agreed, agree } from './agreement.ts'
import { takeTurnsOfNaming } from './apply.ts'
import { type Buried, buryRecords, resolveLetters } from './dead-letters.ts'
import { AlreadyKnown, MovedOn } from './errors.ts'
import { explain } from './failure.ts'
import { isPlaceholder, type Link, linksOfLocals, readLinks } from './links.ts'
import { logRecords, type RecordLog } from './logs.ts'
import { nameRecords } from './naming.ts'
import { nextTry } from './next-try.ts'
import { noteOutgoing } from './outgoing.ts'
import type { Pushing, Sent } from './pending.ts'
import { settle, type Waiting } from './settle.ts'
import { noteSignals } from './signals.ts'
import type { Refusal, Write, WriteAnswer, Written } from './sink.ts'
import type { Applying, RefusedWrite } from './target.ts'
import { type FieldValue, same, sameValues, type Values } from './values.ts'
import { answerWrites } from './writes.ts'

/** After how many tries in all a record that is not taken is given up. */
const TRIES = 5

/** A batch that was sent, and what came back. */
export interface Exchange {
  sent: readonly Sent[]
  answer: WriteAnswer
  /** What had waited for it. */
  waiting: readonly Waiting[]
  startedAt: Date
  at: Date
}

/** A record that was not taken. */
export interface Unwritten extends Buried {
  waiting: Waiting
  isGivenUp: boolean
}

/** A record that was taken, as it stands here now. */
interface Done {
  write: Sent
  written: Pick<Written, 'externalId' | 'modifiedAt' | 'left' | 'putBack'>
  link: Link
  held: Values
  base: Values | undefined
}

/**
 * Notes what came of writes, in the caller's transaction: what both sides agree on now, the ids that new records got, the ledger,
 * what is tried again, and what is given up. The number of statements does not depend on that of records.
 */
export const concludeWrites = async (
  tx: object,
  pushing: Pushing,
  exchange: Exchange,
): Promise<{ events: NewEvent[]; failed: Unwritten[] }> => {
  const { opened, lane } = pushing
  const { answer, at } = exchange
  const around: Applying = { orgId: lane.orgId, connectionId: lane.connectionId, runId: undefined, at }
  const standing = await standingOf(tx, pushing, exchange.sent)
  const done = answer.written.flatMap((written) => standing(written.id, written) ?? [])
  const { met, refused } = await meet(tx, pushing, answer.refused, standing)
  const isNew = ({ link }: Done) => isPlaceholder(link.externalId)
  const named = [...done.filter(isNew), ...met].map(({ written, link, held, base }) => ({
    ...{ link, held, base, externalId: written.externalId, modifiedAt: written.modifiedAt },
  }))
  const events = await nameRecords(tx, opened.target, lane, named, around)
  await agree(tx, lane, done.filter((each) => !isNew(each)).map(agreedBy), at)
  if (done.length > 0) await opened.target.written?.(tx, lane.type, done.map(asTaken), around)
  const archived = done.flatMap(({ write, link }) =>
    write.operation === 'ARCHIVE' && link.goneReason === 'deleted'
      ? [{ from: link.externalId, to: null }]
      : [],
  )
  if (archived.length > 0) {
    await takeTurnsOfNaming(tx, opened.target, lane.type, around)
    await noteOutgoing(tx, lane, (await opened.target.moved?.(tx, lane.type, archived, around)) ?? [], at)
  }
  // What the source says of them is not known, or other than we thought: it is read, and both sides are compared.
  const unsure = refused.flatMap(({ id }) => exchange.sent.find((each) => each.id === id)?.externalId ?? [])
  // What came back here while it was on its way to being archived there is gone there all the same.
  const back = done
    .filter(({ write, link }) => write.operation === 'ARCHIVE' && link.goneReason !== 'deleted')
    .map(({ written }) => written.externalId)
  const more = answer.written.filter(({ isToRead }) => isToRead).map(({ externalId }) => externalId)
  const read = [...met.map(({ written }) => written.externalId), ...unsure, ...back, ...more]
  const signals = read.map((externalId) => ({ ...lane, externalId, hasLinks: true, isUrgent: true }))
  await noteSignals(tx, signals, at)
  await answerWrites(
    tx,
    lane.orgId,
    [
      ...answer.written.map((each) => ({ ...each, state: 'DONE' as const })),
      ...answer.refused.map(({ id, error }) => ({
        id,
        state: isRefused(error) || MovedOn.is(error) ? ('REFUSED' as const) : ('UNKNOWN' as const),
        code: explain(error).code,
      })),
    ],
    at,
  )
  const untaken = [...new Set(answer.written.flatMap(({ left }) => left))]
  if (untaken.length > 0) await opened.target.untaken?.(tx, lane.type, untaken, around)
  const failed = refused.flatMap((refusal) => unwritten(exchange, refusal))
  await settleBatch(tx, pushing, exchange, failed)
  const freed = await giveUp(tx, pushing, exchange.sent, refused, around)
  const lasting = failed.filter(({ waiting }) => !freed.has(waiting.key))
  await noteOutcome(tx, pushing, exchange, done, lasting)
  await resolveLetters(tx, { ...lane, direction: 'OUT' }, [...freed.values()], at)
  return { events, failed: lasting }
}

/** Gives up what can never be written of records that were refused: they are tried without it. @returns them, as the source calls them */
const giveUp = async (
  tx: object,
  { opened, lane }: Pushing,
  sent: readonly Sent[],
  refused: readonly Refusal[],
  around: Applying,
): Promise<ReadonlyMap<string, string>> => {
  const writes = sent.flatMap((each): (Sent & RefusedWrite)[] => {
    const refusal = refused.find(({ id }) => id === each.id)
    return refusal && isRefused(refusal.error) ? [{ ...each, error: refusal.error }] : []
  })
  const freed =
    writes.length > 0 ? ((await opened.target.refused?.(tx, lane.type, writes, around)) ?? []) : []
  await noteOutgoing(tx, lane, freed, around.at)
  return new Map(
    writes
      .filter(({ localId }) => freed.some((each) => each.localId === localId))
      .map(({ localId, link }) => [localId, link.externalId]),
  )
}

/** Whether it was said that nothing will be written of it; of what may be said otherwise later nobody knows. */
const isRefused = (error: unknown): boolean => isHubError(error) && error.retry === 'never'

type Standing = (id: string, written: Done['written']) => Done | undefined

/** How the records of writes stand here now: changed meanwhile, perhaps, or named by somebody who read them. */
const standingOf = async (
  tx: object,
  { opened, lane }: Pushing,
  sent: readonly Sent[],
): Promise<Standing> => {
  const ids = sent.map(({ localId }) => localId)
  const links = await linksOfLocals(tx, lane, ids)
  const current = await opened.target.current(tx, lane.type, ids)
  const writes = new Map(sent.map((each) => [each.id, each]))
  return (id, written) => {
    const write = writes.get(id)
    const link = write && links.get(write.localId)
    if (!write || !link) return undefined
    const held = current.get(write.localId) ?? {}
    return { write, written, link, held, base: baseAfter(write, written, link, held) }
  }
}

/** What both sides agree on once the fields of a write are there. */
const baseAfter = (
  write: Sent,
  { left, putBack = [], modifiedAt }: Done['written'],
  link: Link,
  held: Values,
): Values | undefined => {
  const untold = new Set([...left, ...putBack])
  const agreed = link.base ?? held
  // Who has read what somebody there wrote after us, before we were answered, has agreed on that.
  const isOvertaken = modifiedAt && link.modifiedAt && link.modifiedAt >= modifiedAt
  for (const [field, { from }] of Object.entries(write.fields))
    if (isOvertaken && !same(agreed[field], from)) untold.add(field)
  const base: Record<string, FieldValue> = { ...(link.base ?? (write.operation === 'CREATE' ? {} : held)) }
  for (const field in write.fields) if (!untold.has(field)) base[field] = write.fields[field]?.to ?? null
  return sameValues(base, held) ? undefined : base
}

/** A write with the fields that the source has taken. */
const asTaken = ({ write, written: { left, putBack = [] } }: Done): Write => ({
  ...write,
  fields: Object.fromEntries(
    Object.entries(write.fields).filter(([field]) => !left.includes(field) && !putBack.includes(field)),
  ),
})

const agreedBy = ({ write, written, link, base }: Done): Agreed => ({
  externalId: link.externalId,
  base,
  modifiedAt: written.modifiedAt,
  isArchived: write.operation === 'ARCHIVE',
})

/** New records that the source has already, and that nobody here knows yet: they are those. The others stay refused. */
const meet = async (
  tx: object,
  { lane }: Pushing,
  refused: readonly Refusal[],
  standing: Standing,
): Promise<{ met: Done[]; refused: Refusal[] }> => {
  const there = refused.flatMap(({ existingId }) => existingId ?? [])
  if (there.length === 0) return { met: [], refused: [...refused] }
  const known = await readLinks(tx, lane, there)
  const met: Done[] = []
  const rest = refused.flatMap((refusal): Refusal[] => {
    const { id, existingId } = refusal
    if (existingId === undefined) return [refusal]
    const done = standing(id, { externalId: existingId, modifiedAt: undefined, left: [] })
    if (!done || known.get(existingId)) return [{ ...refusal, error: AlreadyKnown.with() }]
    met.push({ ...done, base: {} })
    return []
  })
  return { met, refused: rest }
}

const unwritten = ({ sent, waiting }: Exchange, { id, error }: Refusal): Unwritten[] => {
  const write = sent.find((each) => each.id === id)
  const waited = waiting.find(({ key }) => key === write?.localId)
  if (!write || !waited) return []
  const attempts = waited.attempts + 1
  const { externalId } = write.link
  return [
    {
      ...explain(error),
      externalId,
      attempts,
      waiting: waited,
      // However often somebody else was there first: that is no fault of the record.
      isGivenUp: isRefused(error) || (attempts >= TRIES && !MovedOn.is(error)),
    },
  ]
}

const settleBatch = async (
  tx: object,
  { options, lane }: Pushing,
  { sent, waiting, at }: Exchange,
  failed: readonly Unwritten[],
): Promise<void> => {
  const { random = Math.random } = options
  const tried = new Set(sent.map(({ localId }) => localId))
  const postponed = failed.filter(({ isGivenUp }) => !isGivenUp)
  const again = new Set(postponed.map(({ waiting: { key } }) => key))
  await settle(
    tx,
    lane,
    waiting.filter(({ key }) => tried.has(key) && !again.has(key)),
    postponed.map(({ waiting: each, attempts, code }) => ({
      ...{ ...each, code, dueAt: nextTry(code === MovedOn.code ? 1 : attempts, at, random()) },
    })),
  )
}

const OPERATIONS = { CREATE: 'CREATE', UPDATE: 'UPDATE', ARCHIVE: 'DELETE' } as const

const noteOutcome = async (
  tx: object,
  { options: { clock, log }, lane }: Pushing,
  { startedAt, at }: Exchange,
  done: readonly Done[],
  failed: readonly Unwritten[],
): Promise<void> => {
  const out = { ...lane, direction: 'OUT' as const }
  for (const { externalId, attempts, code } of failed)
    log.warn({ type: lane.type, externalId, attempts, code }, 'a record was not taken')
  const givenUp = failed.filter(({ isGivenUp }) => isGivenUp)
  await buryRecords(tx, out, givenUp, clock)
  const over = done.flatMap(({ written, link }) => [written.externalId, link.externalId])
  await resolveLetters(tx, out, over, at)
  const logs: RecordLog[] = [
    ...done.map(({ write, written }) => ({
      ...{ externalId: written.externalId, operation: OPERATIONS[write.operation] },
    })),
    ...failed.map((failure) => ({ externalId: failure.externalId, operation: 'STORE' as const, failure })),
  ]
  await logRecords(tx, out, logs, { runId: undefined, clock, startedAt })
}
