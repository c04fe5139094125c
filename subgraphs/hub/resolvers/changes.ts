import type { QueryResolvers } from '#schema/generated/hub.types.ts'
import { connection, keyset, placeOf } from '#service/connection.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { readChanges } from '../commands/read-changes.ts'

const MOST = 1000

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

export const changeQueries: Pick<QueryResolvers, 'changes'> = {
  changes: async (_, { types, operation, ...args }, ctx) => {
    const page = keyset(args, 1, MOST)
    const [after = null] = placeOf(page.after, isPlace) ?? []
    const { rows, head } = await readChanges(ctx, {
      ...{ after, types: types ?? null, limit: page.limit },
      isDeleted: operation ? operation === 'DELETED' : null,
    })
    const { nodes, edges, pageInfo } = connection(rows, page, ({ place }) => [place])
    const shown = nodes.map(({ type, id, isDeleted, at, place }) => ({
      ...{ type, id, at, version: String(place) },
      operation: isDeleted ? ('DELETED' as const) : ('CHANGED' as const),
    }))
    return {
      nodes: shown,
      edges: edges.map(({ cursor }, n) => ({ cursor, node: shown[n]! })),
      pageInfo,
      // Past what the caller has not asked for: nobody who follows a rare kind falls behind what is kept.
      cursor: pageInfo.hasNextPage ? edges.at(-1)!.cursor : cursorAt(Math.max(head, rows.at(-1)?.place ?? 0)),
      head: cursorAt(head),
    }
  },
}
