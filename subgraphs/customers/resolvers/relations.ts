import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { QueryResolvers, RelationResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { placeOfRelation, relationsOf } from '../store/relations.ts'

export const Relation: RelationResolvers = {
  from: (row) => ({ kind: row.from_kind, id: row.from_id, label: row.from_label }),
  to: (row) => ({ kind: row.to_kind, id: row.to_id, label: row.to_label }),
}

export const relationQueries = {
  customerGraph: async (_, { id, depth, ...args }, ctx) => {
    if (depth !== 1 && depth !== 2) throw BadInput.with({ field: 'depth', reason: 'is 1 or 2' })
    const page = keyset(args, 3)
    const after = page.after as [number, string, string] | null
    const customer = isId(id) ? await ctx.customers.load(id) : null
    if (!customer) return null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      relationsOf(tx, ctx.orgId, { id: customer.id, depth, limit: page.limit, after }),
    )
    return connection(rows, page, placeOfRelation)
  },
} satisfies QueryResolvers
