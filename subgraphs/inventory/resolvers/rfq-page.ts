import { isId } from '#kernel/ids.ts'
import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import { ownerOf } from '#service/loader.ts'
import type { Context } from '../context.ts'
import type { RfqStatus } from '../domain/rfq.ts'
import { countRfqs, newestRfqs, type RfqRow } from '../store/rfqs.ts'

export type RfqArgs = PageArgs & { status?: RfqStatus | null }

const position = (row: RfqRow) => [row.createdAt.toISOString(), row.id] as const

/**
 * A page of requests, newest first.
 * @param accountIds of these accounts, answered together with other owners of the same GraphQL request; null for all
 */
export const rfqPage = async (
  ctx: Context,
  accountIds: readonly string[] | null,
  args: RfqArgs,
): Promise<CountedPage<RfqRow>> => {
  const page = keyset(args, 2)
  const asked = {
    status: args.status ?? null,
    limit: page.limit,
    after: page.after as readonly [string, string] | null,
  }
  // What is no id of ours is nobody's.
  const owner = accountIds && ownerOf(accountIds.filter(isId))
  const rows =
    owner !== null
      ? ((await ctx.rfqPages.load(owner, asked)) ?? [])
      : await ctx.db.read(ctx.orgId, (tx) => newestRfqs(tx, ctx.orgId, asked))
  const count = async () => {
    const counts =
      owner !== null
        ? [await ctx.rfqCounts.load(owner, asked.status)]
        : await ctx.db.read(ctx.orgId, (tx) => countRfqs(tx, ctx.orgId, [null], asked.status))
    return counts[0] ?? 0
  }
  return { ...connection(rows, page, position), count }
}
