import { isId } from '#kernel/ids.ts'
import type { ChangeRecords } from '../context.ts'
import { compileField, mappingOf } from '../domain/mapping.ts'
import { MENTION_FIELDS, type MentionKind, mentionKey, mentionsIn, sourceOf } from '../domain/rfqs.ts'
import { textOf } from '../domain/values.ts'
import { mappingIn, mappingsOf } from '../store/mappings.ts'
import { type Looked, linkProposed } from '../store/rfq-proposals.ts'
import {
  type LinkableDeal,
  linkableDeals,
  linkRfqs,
  lockRfqs,
  type Mentioned,
  meantBy,
  mentionsOf,
  moveRfqs,
  setMentions,
  unlinkMentioned,
} from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'
import { sayRfqs } from './say-rfqs.ts'

const KINDS = Object.keys(MENTION_FIELDS) as MentionKind[]

/** What has happened that may link requests for prices to deals, or take them away. */
export interface RfqNews {
  dealIds: readonly string[]
  /** Customers that have got other deals or accounts. */
  customerIds: readonly string[]
  /** Whether linking by itself may have been switched on. */
  all: boolean
}

/**
 * Links the requests for prices that deals' records have come to mention, takes away those that they no longer do, and links those that
 * only one deal fits where that is switched on. Safe to repeat; the statements do not depend on how many deals there are.
 * @param integrationIds all connections of the organisation
 */
export const matchRfqs = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  {
    orgId,
    integrationIds,
    news,
    at,
  }: { orgId: string; integrationIds: readonly string[]; news: RfqNews; at: Date },
): Promise<void> => {
  await lockRfqs(tx, orgId)
  const changed = new Set<string>()
  const note = (ids: readonly string[]) => {
    for (const id of ids) changed.add(id)
  }
  const ids = [...new Set(news.dealIds)].filter(isId)
  if (ids.length > 0) {
    const read = await readerOf(tx, orgId, integrationIds)
    const deals = await linkableDeals(tx, orgId, ids, read.names)
    const merged = deals.flatMap(({ id, mergedInto }) => (mergedInto ? [{ from: id, into: mergedInto }] : []))
    await moveRfqs(tx, orgId, merged)
    note(merged.map(({ into }) => into))
    const live = deals.filter(({ goneAt }) => goneAt === null)
    const is = live.flatMap((deal) => read.mentions(deal))
    const was = await mentionsOf(
      tx,
      orgId,
      deals.map(({ id }) => id),
    )
    const readHere = read.reads(live)
    const added = without(is, was)
    const removed = without(was.filter(readHere), is)
    if (added.length > 0 || removed.length > 0 || !was.every(readHere)) {
      await setMentions(tx, orgId, [...new Set([...was, ...is].map(({ dealId }) => dealId))], is)
      note(await unlinkMentioned(tx, orgId, removed, at))
      // Whoever writes it there wants it, whatever was before.
      note(await linkRfqs(tx, orgId, await meantBy(tx, orgId, added), { by: 'PROPERTY', again: true, at }))
    }
  }
  const customerIds = [...new Set(news.customerIds)].filter(isId)
  const looked: Looked = news.all ? 'all' : { customerIds }
  if (news.all || customerIds.length > 0) note(await linkProposed(tx, orgId, looked, at))
  await sayRfqs(tx, changeRecords, { orgId, dealIds: [...changed], at })
}

const placeOf = (each: Mentioned): string => `${each.dealId} ${mentionKey(each)}`

const without = (some: readonly Mentioned[], others: readonly Mentioned[]): Mentioned[] => {
  const taken = new Set(others.map(placeOf))
  return some.filter((each) => !taken.has(placeOf(each)))
}

/** Reads what deals mention, by the mapping of each portal. */
const readerOf = async (tx: Transaction, orgId: string, integrationIds: readonly string[]) => {
  const rows = await mappingsOf(tx, orgId, integrationIds)
  const portals = new Map(
    integrationIds.map((id) => {
      const { fields } = mappingIn(rows, id, 'deals')
      const mappings = KINDS.map((kind) => ({
        kind,
        mapping: mappingOf('deals', MENTION_FIELDS[kind], fields),
      }))
      return [id, mappings.map(({ kind, mapping }) => ({ kind, mapping, read: compileField(mapping) }))]
    }),
  )
  const sources = (integrationId: string) =>
    new Map((portals.get(integrationId) ?? []).map(({ kind, mapping }) => [kind, sourceOf(mapping)]))
  return {
    /** Whether a mention is of one of these deals, and was read from where it would be now. */
    reads: (deals: readonly LinkableDeal[]) => {
      const byDeal = new Map(deals.map(({ id, integrationId }) => [id, sources(integrationId)]))
      return ({ dealId, kind, source }: Mentioned) => byDeal.get(dealId)?.get(kind) === source
    },
    names: [...new Set([...portals.values()].flat().flatMap(({ mapping }) => mapping.properties))],
    mentions: ({ id, integrationId, says }: LinkableDeal): Mentioned[] =>
      (portals.get(integrationId) ?? []).flatMap(({ kind, mapping, read }) =>
        mentionsIn(kind, textOf(read(says))).map((each) => ({
          ...{ ...each, dealId: id, source: sourceOf(mapping) },
        })),
      ),
  }
}
