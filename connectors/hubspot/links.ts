import * as z from 'zod'
import { VendorRefused, vendorAnswer } from '../contract.ts'
import type { Wire } from './http.ts'
import { chunks, path } from './read.ts'
import { ASSOCIATION_TYPE_IDS, LIMITS } from './wire.ts'
import { errorSaid, namedBy, partialBatch, refusal, type Said } from './written.ts'

/** Two records that are to be linked, or no longer. */
export interface HubSpotPair {
  from: string
  to: string
  /** About the link that makes `to` the record's one primary company: HubSpot takes it from the company that was. */
  primary?: boolean
}

/** A pair that was not linked. */
export interface HubSpotPairRefusal extends HubSpotPair {
  category: string
  /** HubSpot's words, without persons and secrets. */
  message: string
}

/** See `HubSpot.link`. */
export const link = async (
  wire: Wire,
  from: string,
  to: string,
  pairs: readonly HubSpotPair[],
): Promise<HubSpotPairRefusal[]> => {
  const refused: HubSpotPairRefusal[] = []
  for (const { primary, some } of byKind(pairs))
    for (const chunk of chunks(some, LIMITS.associationBatchWrite))
      refused.push(...(await linkChunk(wire, [from, to], chunk, primary)))
  return refused
}

// HubSpot has a call of its own for each: links, and what they say.
const byKind = (pairs: readonly HubSpotPair[]) => {
  const once = [
    ...new Map(pairs.map((pair) => [`${pair.from} ${pair.to} ${pair.primary === true}`, pair])).values(),
  ]
  return [false, true].map((primary) => ({
    primary,
    some: once.filter((pair) => (pair.primary === true) === primary),
  }))
}

const primaryType = (from: string, to: string) => {
  const associationTypeId = ASSOCIATION_TYPE_IDS[`${from}>${to}`]?.primary
  if (associationTypeId === undefined) throw new RangeError(`no primary link leads from ${from} to ${to}`)
  return { associationCategory: 'HUBSPOT_DEFINED', associationTypeId }
}

const linkChunk = async (
  wire: Wire,
  [from, to]: [string, string],
  pairs: readonly HubSpotPair[],
  primary: boolean,
): Promise<HubSpotPairRefusal[]> => {
  const types = primary ? { types: [primaryType(from, to)] } : {}
  try {
    return await wire.send({
      counts: 'write',
      method: 'POST',
      target: path`/crm/v4/associations/${from}/${to}/batch/` + (primary ? 'create' : 'associate/default'),
      body: { inputs: pairs.map((pair) => ({ from: { id: pair.from }, to: { id: pair.to }, ...types })) },
      write: true,
      check: (body) => refusedPairs(partialBatch(body), linkedOf(body), pairs),
    })
  } catch (error) {
    // A refusal of one pair alone is about it.
    const answer = vendorAnswer(error)
    if (pairs.length > 1 || !VendorRefused.is(error) || !answer) throw error
    return pairs.map((pair) => refusedPair(errorSaid(answer.body), pair))
  }
}

const id = z.coerce.string()
const linked = z.object({
  results: z.array(
    z.union([
      z
        .object({ from: z.object({ id }), to: z.object({ id }) })
        .transform(({ from, to }) => [from.id, to.id]),
      z
        .object({ fromObjectId: id, toObjectId: id })
        .transform(({ fromObjectId, toObjectId }) => [fromObjectId, toObjectId]),
    ]),
  ),
})

/** The pairs that an answer says are linked, either way round. */
const linkedOf = (body: unknown): Set<string> =>
  new Set(linked.parse(body).results.flatMap(([a, b]) => [`${a} ${b}`, `${b} ${a}`]))

const refusedPairs = (
  errors: readonly Said[],
  done: ReadonlySet<string>,
  pairs: readonly HubSpotPair[],
): HubSpotPairRefusal[] => {
  const general = errors.find((error) => !pairs.some((pair) => isAbout(error, pair)))
  return pairs.flatMap((pair) => {
    const error = errors.find((each) => isAbout(each, pair))
    if (error) return [refusedPair(error, pair)]
    return general && !done.has(`${pair.from} ${pair.to}`) ? [refusedPair(general, pair)] : []
  })
}

const isAbout = (error: Said, { from, to }: HubSpotPair): boolean => {
  const [froms, tos] = [namedBy(error, ['fromObjectId']), namedBy(error, ['toObjectId'])]
  if (froms.size + tos.size > 0)
    return (froms.size === 0 || froms.has(from)) && (tos.size === 0 || tos.has(to))
  const ends = namedBy(error, ['id', 'ids', 'objectId'])
  return ends.has(from) || ends.has(to)
}

const refusedPair = (error: Said, pair: HubSpotPair): HubSpotPairRefusal => {
  const { category, message } = refusal(error, '')
  return { ...pair, category, message }
}

/** How many requests making these links takes, and taking these away. */
export const callsToLink = (made: readonly HubSpotPair[], taken: readonly HubSpotPair[]): number => {
  const chunksOf = (count: number, most: number) => Math.ceil(count / most)
  const making = byKind(made).map(({ some }) => chunksOf(some.length, LIMITS.associationBatchWrite))
  const taking = byKind(taken).map(({ primary, some }) =>
    primary
      ? chunksOf(some.length, LIMITS.associationBatchWrite)
      : chunksOf(new Set(some.map(({ from }) => from)).size, LIMITS.batchInputs),
  )
  return [...making, ...taking].reduce((sum, count) => sum + count, 0)
}

/** See `HubSpot.unlink`. */
export const unlink = async (
  wire: Wire,
  from: string,
  to: string,
  pairs: readonly HubSpotPair[],
): Promise<void> => {
  const remove = (word: string, inputs: readonly unknown[]) =>
    wire.send({
      counts: 'write',
      method: 'POST',
      target: path`/crm/v4/associations/${from}/${to}/batch/` + word,
      body: { inputs },
      write: true,
      empty: undefined,
      check: () => undefined,
    })
  for (const { primary, some } of byKind(pairs)) {
    if (primary)
      for (const chunk of chunks(some, LIMITS.associationBatchWrite))
        await remove(
          'labels/archive',
          chunk.map((pair) => ({
            ...{ from: { id: pair.from }, to: { id: pair.to } },
            types: [primaryType(from, to)],
          })),
        )
    else
      for (const chunk of chunks([...Map.groupBy(some, (pair) => pair.from)], LIMITS.batchInputs))
        await remove(
          'archive',
          chunk.map(([id, ends]) => ({ from: { id }, to: ends.map((pair) => ({ id: pair.to })) })),
        )
  }
}
