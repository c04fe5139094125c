import { BadInput } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { lookUpPerson } from '../commands/look-up-person.ts'
import { countCustomers, listCustomers, PLACE_LENGTH, placeOf } from '../store/customers.ts'
import { ownersOf } from '../store/identities.ts'
import { bulkQueries } from './bulk.ts'
import { conflictQueries } from './Conflict.ts'
import { connectionQueries } from './connection-queries.ts'
import { externalIdQueries } from './external-ids.ts'
import { failureQueries } from './failures.ts'
import { goldenQueries } from './golden.ts'
import { candidateQueries } from './identity-candidates.ts'
import { mappingQueries } from './mappings.ts'
import { onboardingQueries } from './Onboarding.ts'
import { notOnePerson, refusedSubject } from './person-results.ts'
import { planQueries } from './plans.ts'
import { policyQueries } from './policy.ts'
import { provisioningQueries } from './provisioning.ts'
import { recordQueries } from './record-queries.ts'
import { relationQueries } from './relations.ts'
import { timelineQueries } from './timeline.ts'
import { twinQueries } from './twins.ts'
import { webhookQueries } from './webhooks.ts'
import { writerQueries } from './writers.ts'

export const Query: QueryResolvers = {
  ...failureQueries,
  ...bulkQueries,
  ...conflictQueries,
  ...planQueries,
  ...webhookQueries,
  ...mappingQueries,
  ...provisioningQueries,
  ...policyQueries,
  ...timelineQueries,
  ...writerQueries,
  ...onboardingQueries,
  customer: (_, { id }, ctx) => ctx.customers.load(id),

  customerOfAccount: async (_, { integrationId = null, ...account }, ctx) => {
    const [owner, other] = await ctx.db.read(ctx.orgId, (tx) =>
      ownersOf(tx, ctx.orgId, { ...account, integrationId }),
    )
    if (other)
      throw BadInput.with({
        field: 'integrationId',
        reason: 'is needed: accounts of several connections have this id',
      })
    return owner ? await ctx.customers.load(owner) : null
  },

  ...connectionQueries,
  ...recordQueries,
  ...externalIdQueries,
  ...relationQueries,
  ...candidateQueries,
  ...goldenQueries,
  ...twinQueries,

  customers: async (_, { filter: asked, orderBy: order, ...args }, ctx) => {
    const page = keyset(args, PLACE_LENGTH)
    const filter = asked ?? {}
    // An owner that cannot be ours owns nobody.
    const isPossible = !filter.ownerId || isId(filter.ownerId)
    const rows = isPossible
      ? await ctx.db.read(ctx.orgId, (tx) =>
          listCustomers(tx, ctx.orgId, { filter, order, limit: page.limit, after: page.after }),
        )
      : []
    return {
      ...connection(rows, page, (row) => placeOf(order, row)),
      count: async () =>
        isPossible ? await ctx.db.read(ctx.orgId, (tx) => countCustomers(tx, ctx.orgId, filter)) : 0,
    }
  },

  personData: async (_, { subject }, ctx) => {
    const refused = refusedSubject(subject)
    if (refused) return refused
    const found = await lookUpPerson(ctx, subject)
    if (typeof found === 'string') return notOnePerson(found)
    const { person, stores, isSuppressed } = found
    const total = stores.reduce((sum, { rows }) => sum + rows, 0)
    return { __typename: 'PersonData', ...person, stores, total, isSuppressed }
  },
}
