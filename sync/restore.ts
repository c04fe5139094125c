import { newId } from '#kernel/ids.ts'
import { holdLane } from './lanes.ts'
import type { Pushing, Sent } from './pending.ts'
import { sourceWins } from './policy.ts'
import type { Overwritten, Write, WriteAnswer } from './sink.ts'
import { answerWrites, intendWrites } from './writes.ts'

/**
 * Puts back what a batch has written over without anybody here having seen it: between being asked and being written, somebody had
 * changed it there. Both sides have changed it then, and what becomes of it is the policy's to say, once it is read.
 * @returns the answer, with these fields named
 */
export const putBack = async (
  pushing: Pushing,
  sent: readonly Sent[],
  answer: WriteAnswer,
): Promise<WriteAnswer> => {
  const { options, opened, lane } = pushing
  const { database, clock } = options
  const policy = opened.policy ?? sourceWins
  // What nobody reads there was not asked about.
  const isRead = opened.source.types.some(({ type, read }) => type === lane.type && read !== undefined)
  if (!isRead) return answer
  const done = new Set(answer.written.map(({ id }) => id))
  const asked = sent.flatMap((write): Write[] => {
    const fields = Object.entries(write.fields).filter(([field]) => policy.of(lane.type, field) !== 'HUB')
    const isAsked = write.operation === 'UPDATE' && done.has(write.id) && fields.length > 0
    return isAsked ? [{ ...write, fields: Object.fromEntries(fields) }] : []
  })
  const found = asked.length > 0 ? ((await opened.sink.overwritten?.(lane.type, asked)) ?? []) : []
  if (found.length === 0) return answer
  const restored = [...Map.groupBy(found, ({ id }) => id)].flatMap(([id, fields]): Write[] => {
    const write = sent.find((each) => each.id === id)
    return write
      ? [{ ...write, id: newId(clock), operation: 'UPDATE', fields: backwards(write, fields) }]
      : []
  })
  await database.transaction(lane.orgId, async (tx) => {
    await holdLane(tx, lane)
    await intendWrites(tx, lane, restored, clock.now())
  })
  const { written, refused } = await opened.sink.write(lane.type, restored)
  const answers = [
    ...written.map((each) => ({ ...each, state: 'DONE' as const })),
    ...refused.map(({ id }) => ({ id, state: 'UNKNOWN' as const })),
  ]
  await database.transaction(lane.orgId, (tx) => answerWrites(tx, lane.orgId, answers, clock.now()))
  return {
    ...answer,
    written: answer.written.map((each) => ({ ...each, putBack: fieldsOf(found, each.id) })),
  }
}

const backwards = ({ fields }: Write, found: readonly Overwritten[]): Write['fields'] =>
  Object.fromEntries(found.map(({ field, value }) => [field, { from: fields[field]?.to ?? null, to: value }]))

const fieldsOf = (found: readonly Overwritten[], write: string): string[] =>
  found.flatMap(({ id, field }) => (id === write ? [field] : []))
