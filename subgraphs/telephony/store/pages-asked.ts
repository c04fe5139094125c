/** One list of a page's owner: which accounts it spans, and where it goes on. */
export interface AssetPage {
  bans: readonly string[]
  limit: number
  /** Name (of a trunk) or number, and id. */
  after: readonly [string, string] | null
}

/** One statement answers a page for every owner of the batch: each is a row of `p`, its page a lateral join over an index. */
export const pagesAsked = (asked: readonly AssetPage[]): string =>
  JSON.stringify(
    asked.map((page, n) => ({
      n,
      bans: page.bans,
      limit: page.limit,
      after_name: page.after?.[0] ?? null,
      after_id: page.after?.[1] ?? null,
    })),
  )
