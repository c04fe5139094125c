import type { C3AccountResolvers, QueryResolvers } from '#schema/generated/inventory.types.ts'
import { connection, isOurId, keyset, placeOf } from '#service/connection.ts'
import { accountsAfter } from '../store/accounts.ts'

export const C3Account: C3AccountResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.accounts.load(id),
}

export const accountQueries: Pick<QueryResolvers, 'c3Accounts'> = {
  c3Accounts: async (_, args, { db, orgId }) => {
    const page = keyset(args, 1)
    const [after = null] = placeOf(page.after, isOurId) ?? []
    const rows = await db.read(orgId, (tx) => accountsAfter(tx, orgId, after, page.limit))
    return connection(rows, page, ({ id }) => [id])
  },
}
