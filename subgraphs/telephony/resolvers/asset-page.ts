import { connection, keyset, type PageArgs } from '#service/connection.ts'
import { ownerOf } from '#service/loader.ts'
import type { Context } from '../context.ts'
import type { TrunkRow } from '../store/assets.ts'
import type { PhoneNumberRow } from '../store/numbers.ts'

type Place = readonly [string, string] | null

/** A page of the trunks of these accounts, by name. Owners of one request are answered together. */
export const trunkPage = async (ctx: Context, bans: readonly string[], args: PageArgs) => {
  const page = keyset(args, 2)
  const owner = ownerOf(bans)
  const rows = (await ctx.trunkPages.load(owner, { limit: page.limit, after: page.after as Place })) ?? []
  const count = async () =>
    (await ctx.assetCounts.loadMany(bans, undefined)).reduce((sum, count) => sum + (count?.trunks ?? 0), 0)
  return { ...connection<TrunkRow>(rows, page, (row) => [row.name, row.id]), count }
}

/** A page of the telephone numbers of these accounts. */
export const numberPage = async (ctx: Context, bans: readonly string[], args: PageArgs) => {
  const page = keyset(args, 2)
  const owner = ownerOf(bans)
  const rows = (await ctx.numberPages.load(owner, { limit: page.limit, after: page.after as Place })) ?? []
  const count = async () =>
    (await ctx.assetCounts.loadMany(bans, undefined)).reduce((sum, count) => sum + (count?.numbers ?? 0), 0)
  return { ...connection<PhoneNumberRow>(rows, page, (row) => [row.number, row.id]), count }
}
