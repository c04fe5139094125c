import { connection, type Keyset, keyset, type PageArgs } from '#service/connection.ts'
import type { NewestPage } from '../store/newest-page.ts'

/**
 * A page of what lies newest first.
 * @param load answers one row more than is shown
 */
export const newestPage = async <T extends { id: string; createdAt: Date }>(
  args: PageArgs,
  load: (page: NewestPage) => Promise<readonly T[]>,
  count: () => Promise<number>,
) => {
  const page: Keyset = keyset(args, 2)
  const rows = await load({ limit: page.limit, after: page.after as NewestPage['after'] })
  return { ...connection(rows, page, ({ createdAt, id }) => [createdAt.toISOString(), id]), count }
}

/** What all accounts have together. */
export const inAll = (counts: readonly { count: number }[]): number =>
  counts.reduce((sum, { count }) => sum + count, 0)
