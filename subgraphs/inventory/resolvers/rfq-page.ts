import { isId } from '#kernel/ids.ts'
import type { RfqFilter } from '#schema/generated/inventory.types.ts'
import { connection, keyset, type PageArgs } from '#service/connection.ts'
import { ownerOf } from '#service/loader.ts'
import type { Context } from '../context.ts'
import type { RfqStatus } from '../domain/rfq.ts'
import type { RfqConnectionRow } from '../store/pages.ts'
import { countRfqs, EVERY_RFQ, newestRfqs, type RfqChoice, type RfqRow, rfqTotals } from '../store/rfqs.ts'

export type RfqArgs = PageArgs & {
  status?: RfqStatus | null | undefined
  filter?: RfqFilter | null | undefined
}

const position = (row: RfqRow) => [row.createdAt.toISOString(), row.id] as const

/** Which requests are asked for: the states that both arguments name. */
const choiceOf = ({ status, filter }: RfqArgs): RfqChoice => {
  const statuses = filter?.statuses ?? null
  const both = status ? [status].filter((each) => statuses === null || statuses.includes(each)) : statuses
  return {
    ...EVERY_RFQ,
    statuses: both,
    customerId: filter?.customerId ?? null,
    dueFrom: filter?.dueFrom ?? null,
    dueBefore: filter?.dueBefore ?? null,
    hasConflict: filter?.hasConflict ?? null,
    number: filter?.number?.trim() || null,
  }
}

/**
 * A page of requests, newest first.
 * @param accountIds of these accounts, answered together with other owners of the same GraphQL request; null for all
 */
export const rfqPage = async (
  ctx: Context,
  accountIds: readonly string[] | null,
  args: RfqArgs,
): Promise<RfqConnectionRow> => {
  const { orgId, db } = ctx
  const page = keyset(args, 2)
  const choice = choiceOf(args)
  const asked = { choice, limit: page.limit, after: page.after as readonly [string, string] | null }
  // What is no id of ours is nobody's.
  const owner = accountIds && ownerOf(accountIds.filter(isId))
  if (owner !== null) {
    const rows = (await ctx.rfqPages.load(owner, asked)) ?? []
    return {
      ...connection(rows, page, position),
      count: async () => (await ctx.rfqCounts.load(owner, choice)) ?? 0,
      totals: async () => (await ctx.rfqTotals.load(owner, choice)) ?? [],
    }
  }
  const rows = await db.read(orgId, (tx) => newestRfqs(tx, orgId, asked))
  return {
    ...connection(rows, page, position),
    count: async () => (await db.read(orgId, (tx) => countRfqs(tx, orgId, [null], choice)))[0] ?? 0,
    totals: async () => (await db.read(orgId, (tx) => rfqTotals(tx, orgId, [null], choice)))[0] ?? [],
  }
}
