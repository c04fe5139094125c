import { isHubError } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import { agreeOn } from './agreement.ts'
import { holdLane } from './lanes.ts'
import type { Pushing } from './pending.ts'
import { sourceWins } from './policy.ts'
import { noteSignals } from './signals.ts'
import type { Overwritten, Write, WriteAnswer } from './sink.ts'
import type { FieldValue, Values } from './values.ts'
import { answerWrites, intendWrites, noteLooked, type Risked, unlookedWrites } from './writes.ts'

/** How often in a row somebody may write there in the moment in which what they had written is put back: then it is left at that. */
const ROUNDS = 5

type Looked = Risked & { unlooked: Values }

/** What both sides had agreed on of the fields of a write that somebody there may change meanwhile: those that are asked about first. */
export const riskOf = (
  { opened, lane }: { opened: Pushing['opened']; lane: { type: string } },
  { operation, fields }: Omit<Write, 'id'>,
): Values | undefined => {
  const policy = opened.policy ?? sourceWins
  // What nobody reads there was not asked about.
  const isRead = opened.source.types.some(({ type, read }) => type === lane.type && read !== undefined)
  if (!isRead || !opened.sink.overwritten || operation !== 'UPDATE') return undefined
  const risked = Object.entries(fields).filter(([field]) => policy.of(lane.type, field) !== 'HUB')
  return risked.length > 0 ? Object.fromEntries(risked.map(([field, { from }]) => [field, from])) : undefined
}

/** Looks behind writes of these records behind which nobody has looked: whoever made them was stopped, or never got an answer. */
export const lookBehindEarlier = async (pushing: Pushing, localIds: readonly string[]): Promise<void> => {
  const { options, lane } = pushing
  const writes = await options.database.read(lane.orgId, (tx) => unlookedWrites(tx, lane.orgId, localIds))
  if (writes.length > 0) await putBack(pushing, writes)
}

/**
 * Looks behind writes that were made, and puts back what they have written over without anybody here having seen it: between being
 * asked and being written, somebody had changed it there. Both sides have changed it then, whatever was agreed on since, and what
 * becomes of it is the policy's to say, once it is read. What is put back may go over something unseen as well.
 * @returns the fields that were put back, by write
 * @throws what the source throws: the writes are looked behind when their records are written next
 */
export const putBack = async (
  pushing: Pushing,
  writes: readonly Risked[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const { opened, lane } = pushing
  const made = writes.filter((write): write is Looked => write.unlooked !== undefined)
  const restored: Looked[] = []
  const answers: WriteAnswer[] = []
  for (let behind = made, round = 0; behind.length > 0 && round < ROUNDS; round++) {
    const found = (await opened.sink.overwritten?.(lane.type, behind.map(onlyRisked))) ?? []
    const back = await intend(pushing, behind, found)
    if (back.length === 0) break
    const answer = await opened.sink.write(lane.type, back)
    const unknown = answer.refused.find(({ error }) => !isHubError(error) || error.retry !== 'never')
    if (unknown) throw unknown.error
    restored.push(...back)
    answers.push(answer)
    behind = back
  }
  await disagree(pushing, made, restored, answers)
  return new Map(made.map((write) => [write.id, new Set(restored.filter(isOf(write)).flatMap(fieldsOf))]))
}

const isOf =
  ({ localId }: Write) =>
  (other: Write): boolean =>
    other.localId === localId
const fieldsOf = ({ unlooked }: Looked): string[] => Object.keys(unlooked)

const onlyRisked = (write: Looked): Write => ({
  ...write,
  fields: Object.fromEntries(Object.entries(write.fields).filter(([field]) => field in write.unlooked)),
})

const intend = async (
  { options, lane }: Pushing,
  behind: readonly Looked[],
  found: readonly Overwritten[],
): Promise<Looked[]> => {
  const { database, clock } = options
  const back = [...Map.groupBy(found, ({ id }) => id)].flatMap(([id, fields]): Looked[] => {
    const write = behind.find((each) => each.id === id)
    return write
      ? [{ ...write, id: newId(clock), operation: 'UPDATE', ...backwards(write, fields), givesBack: true }]
      : []
  })
  if (back.length > 0)
    await database.transaction(lane.orgId, async (tx) => {
      await holdLane(tx, lane)
      // No run has wanted it: whoever undoes one has nothing to take back here.
      await intendWrites(tx, { ...lane, runId: undefined }, back, clock.now())
    })
  return back
}

const backwards = (write: Looked, found: readonly Overwritten[]): Pick<Looked, 'fields' | 'unlooked'> => {
  const fields: Record<string, { from: FieldValue; to: FieldValue }> = {}
  const unlooked: Record<string, FieldValue> = {}
  for (const { field, value } of found) {
    fields[field] = { from: write.fields[field]?.to ?? null, to: value }
    unlooked[field] = write.unlooked[field] ?? null
  }
  return { fields, unlooked }
}

/**
 * Notes that both sides differ in what was put back, as they did before. Only once it is there: whoever reads the record before finds
 * what we have written, and takes it for agreed on.
 */
const disagree = async (
  { options, opened, lane }: Pushing,
  made: readonly Looked[],
  restored: readonly Looked[],
  answers: readonly WriteAnswer[],
): Promise<void> => {
  const { database, clock } = options
  // Whoever put them back was stopped before this.
  const earlier = made.filter(({ givesBack }) => givesBack)
  const back = [...earlier, ...restored]
  const told = answers.flatMap(({ written }) => written)
  const refused = answers.flatMap((answer) => answer.refused)
  await database.transaction(lane.orgId, async (tx) => {
    await holdLane(tx, lane)
    const at = clock.now()
    if (back.length > 0) {
      const held = await opened.target.current(
        tx,
        lane.type,
        back.map(({ localId }) => localId),
      )
      const agreed = [...Map.groupBy(back, ({ localId }) => localId)].map(([localId, own]) => ({
        ...{
          localId,
          held: held.get(localId) ?? {},
          fields: Object.assign({}, ...own.map((w) => w.unlooked)),
        },
        modifiedAt: told.findLast(({ id }) => own.some((each) => each.id === id))?.modifiedAt,
      }))
      await agreeOn(tx, lane, agreed)
      const read = back.flatMap(({ externalId }) => externalId ?? [])
      await noteSignals(
        tx,
        read.map((externalId) => ({ ...lane, externalId, hasLinks: true, isUrgent: true })),
        at,
      )
      const outcomes = [
        ...told.map((each) => ({ ...each, state: 'DONE' as const })),
        ...refused.map(({ id }) => ({ id, state: 'REFUSED' as const })),
      ]
      await answerWrites(tx, lane.orgId, outcomes, at)
    }
    await noteLooked(
      tx,
      lane.orgId,
      made.map(({ id }) => id),
    )
  })
}
