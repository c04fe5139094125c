import { pageSize } from '#kernel/cursor.ts'
import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { missing } from '#service/refusal.ts'
import { lookUpPerson } from '../commands/look-up-person.ts'
import { previewMapping } from '../commands/preview-mapping.ts'
import { writeDocument } from '../domain/mapping-document.ts'
import { shownProblem, typeOfObject } from '../domain/showing-mappings.ts'
import { countCustomers, listCustomers, PLACE_LENGTH, placeOf } from '../store/customers.ts'
import { connectionQueries } from './connection-queries.ts'
import { driftQueries } from './DriftReport.ts'
import { failureQueries } from './failures.ts'
import { changesOf } from './mapping-answers.ts'
import { notOnePerson, refusedSubject } from './person-results.ts'
import { recordQueries } from './record-queries.ts'
import { webhookQueries } from './webhooks.ts'

/** Most records that a preview tries a mapping on. */
const MOST_SAMPLES = 50

export const Query: QueryResolvers = {
  ...failureQueries,
  ...driftQueries,
  ...webhookQueries,
  previewMapping: async (_, { integrationId, objectType, changes, sample }, ctx) => {
    const type = typeOfObject(objectType)
    const ask = { integrationId, type, changes: changesOf(changes), sample: pageSize(sample, MOST_SAMPLES) }
    const preview = await previewMapping(ctx, ask)
    if (!preview) return missing('The HubSpot connection')
    return {
      __typename: 'MappingPreview',
      ...preview,
      problems: preview.problems.map((problem) => shownProblem(type, problem)),
      savable: preview.problems.every(({ blocks }) => !blocks),
    }
  },

  exportMappings: async (_, { integrationId }, ctx) => {
    const integration = await ctx.integrations.load(integrationId)
    if (!integration) return null
    const mapped = await ctx.mapped.load(integrationId)
    return {
      fileName: `mappings-${integration.portal_id ?? integrationId}.json`,
      document: writeDocument(mapped?.overrides ?? {}),
    }
  },

  customer: (_, { id }, ctx) => ctx.customers.load(id),
  ...connectionQueries,
  ...recordQueries,

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
