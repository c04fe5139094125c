import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/inventory.types.ts'
import { rfqsKnownBy } from '../store/rfqs.ts'

/** The only system that has ids of its own for requests. */
const C3 = 'C3'

/** Records found by ids that others have for them. */
export const externalIdQueries: Pick<QueryResolvers, 'rfqByExternalId'> = {
  rfqByExternalId: async (_, { system, value, integrationId = null }, ctx) => {
    if (system.toUpperCase() !== C3 || (integrationId !== null && !isId(integrationId))) return null
    const [id, other] = await ctx.db.read(ctx.orgId, (tx) =>
      rfqsKnownBy(tx, ctx.orgId, { c3Id: value, connectionId: integrationId }),
    )
    if (other)
      throw BadInput.with({
        field: 'integrationId',
        reason: 'is needed: requests of several connections have this id',
      })
    return id === undefined ? null : await ctx.rfqs.load(id)
  },
}
