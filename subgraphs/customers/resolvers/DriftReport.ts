import { isId } from '#kernel/ids.ts'
import type {
  DriftRepairResolvers,
  DriftReportResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { listDriftReports } from '../store/drift.ts'

const MOST_REPORTS = 50

export const DriftReport: DriftReportResolvers = {
  integrationId: (report) => report.connectionId,
  isClean: ({ state, types }) =>
    state === 'COMPLETED' && types.every((each) => each.missing + each.different + each.extra === 0),
  repairs: async ({ id }, { type, kind, ...args }, ctx) => {
    const page = keyset(args, 2)
    const { limit, after } = page
    const rows = (await ctx.repairs.load(id, { type: type ?? null, kind: kind ?? null, limit, after })) ?? []
    return connection(rows, page, (row) => [row.type, row.externalId])
  },
}

export const DriftRepair: DriftRepairResolvers = { recordId: (repair) => repair.externalId }

export const driftQueries: Pick<QueryResolvers, 'driftReports'> = {
  driftReports: async (_, { integrationId, ...args }, ctx) => {
    const page = keyset(args, 2, MOST_REPORTS)
    // An id that cannot be ours is nobody's.
    if (integrationId && !isId(integrationId)) return connection([], page, () => [])
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      listDriftReports(tx, ctx.orgId, { connectionId: integrationId ?? undefined }, page),
    )
    return connection(rows, page, ({ requestedAt, id }) => [requestedAt.toISOString(), id])
  },
}
