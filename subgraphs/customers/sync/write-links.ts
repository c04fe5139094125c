import { callsToLink, type HubSpot, type HubSpotPair, VendorRefused } from '#connectors/hubspot/index.ts'
import type { Refusal, Write, WriteAnswer } from '#sync/sink.ts'
import { fieldToLinks, isLinkField, type RecordLink, typeOfLinkField } from '../domain/links.ts'

/** A link of a written record, to be made or taken away. */
interface Linking {
  write: string
  to: string
  pair: HubSpotPair
}

/**
 * Makes and takes away the links of records that were written: for each kind linked to, a request per 2,000 pairs and direction.
 * A record one of whose links is refused counts as refused: its properties are written again with the next try.
 */
export const writeLinks = async (
  hubspot: HubSpot,
  type: string,
  writes: readonly Write[],
  answer: WriteAnswer,
): Promise<WriteAnswer> => {
  const ids = new Map(answer.written.map(({ id, externalId }) => [id, externalId]))
  const written = writes.filter(({ id }) => ids.has(id))
  const { made, taken } = linkings(written, ids)
  const refused = new Map<string, Refusal>()
  for (const [to, own] of Map.groupBy(taken, (each) => each.to)) await hubspot.unlink(type, to, pairs(own))
  for (const [to, own] of Map.groupBy(made, (each) => each.to))
    for (const refusal of await hubspot.link(type, to, pairs(own))) {
      const error = VendorRefused.with({ vendor: 'HubSpot', reason: refusal.message || refusal.category })
      for (const { write, pair } of own)
        if (pair.from === refusal.from && pair.to === refusal.to)
          refused.set(write, { id: write, error, existingId: undefined })
    }
  return {
    written: answer.written.filter(({ id }) => !refused.has(id)),
    refused: [...answer.refused, ...refused.values()],
  }
}

/** How many requests `writeLinks` makes for writes when all of them are taken. */
export const callsToWriteLinks = (writes: readonly Write[]): number => {
  // Of new records any name will do to count by.
  const { made, taken } = linkings(writes, new Map(writes.map(({ id, localId }) => [id, localId])))
  const of = (own: readonly Linking[], to: string) => pairs(own.filter((each) => each.to === to))
  return [...new Set([...made, ...taken].map(({ to }) => to))].reduce(
    (sum, to) => sum + callsToLink(of(made, to), of(taken, to)),
    0,
  )
}

const pairs = (linkings: readonly Linking[]): HubSpotPair[] => linkings.map(({ pair }) => pair)

const linkings = (writes: readonly Write[], ids: ReadonlyMap<string, string>) => {
  const made: Linking[] = []
  const taken: Linking[] = []
  for (const { id, fields } of writes)
    for (const [field, { from, to }] of Object.entries(fields)) {
      if (!isLinkField(field)) continue
      const pairOf = (link: RecordLink): Linking => ({
        ...{ write: id, to: typeOfLinkField(field) },
        pair: { from: ids.get(id) ?? '', to: link.id, ...(link.primary ? { primary: true } : {}) },
      })
      const [before, after] = [fieldToLinks(from), fieldToLinks(to)]
      const was = new Map(before.map((link) => [link.id, link]))
      const is = new Map(after.map((link) => [link.id, link]))
      taken.push(
        ...before.filter((link) => !is.has(link.id)).map((link) => pairOf({ ...link, primary: false })),
      )
      // What was the primary one and still is linked loses only that, when no other takes its place.
      const isReplaced = after.some((link) => link.primary)
      const lost = before.filter((link) => link.primary && is.get(link.id)?.primary === false && !isReplaced)
      taken.push(...lost.map(pairOf))
      const added = after.filter((link) => !was.has(link.id))
      made.push(...added.map((link) => pairOf({ ...link, primary: false })))
      made.push(...after.filter((link) => link.primary && !was.get(link.id)?.primary).map(pairOf))
    }
  return { made, taken }
}
