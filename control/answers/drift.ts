import { isId } from '#kernel/ids.ts'
import { type Connection, connection, keyset, type PageArgs } from '#service/connection.ts'
import { listDriftReports, type RepairPage } from '#sync/drift.ts'
import type { ControlLoaders } from '../loaders.ts'
import type { DriftRepairRow, DriftReportRow } from '../rows.ts'
import type { Asking } from '../vendor.ts'

const MOST_REPORTS = 50

/** The fields of a report that are not its row's own. */
export const DriftReport = {
  integrationId: (report: DriftReportRow) => report.connectionId,
  isClean: ({ state, types }: DriftReportRow) =>
    state === 'COMPLETED' && types.every((each) => each.missing + each.different + each.extra === 0),
  repairs: async (
    { id }: DriftReportRow,
    { type, kind, ...args }: PageArgs & { type?: string | null; kind?: RepairPage['kind'] },
    ctx: ControlLoaders,
  ) => {
    const page = keyset(args, 2)
    const { limit, after } = page
    const rows = (await ctx.repairs.load(id, { type: type ?? null, kind: kind ?? null, limit, after })) ?? []
    return connection(rows, page, (row) => [row.type, row.externalId])
  },
}

/** The same of a record that was repaired. */
export const DriftRepair = { recordId: (repair: DriftRepairRow) => repair.externalId }

/** What comparing everything found, newest first. */
export const driftPage = async (
  ctx: Asking,
  { integrationId, ...args }: PageArgs & { integrationId?: string | null },
): Promise<Connection<DriftReportRow>> => {
  const page = keyset(args, 2, MOST_REPORTS)
  // An id that cannot be ours is nobody's.
  if (integrationId && !isId(integrationId)) return connection([], page, () => [])
  const rows = await ctx.db.read(ctx.orgId, (tx) =>
    listDriftReports(tx, ctx.orgId, { connectionId: integrationId ?? undefined }, page),
  )
  return connection(rows, page, ({ requestedAt, id }) => [requestedAt.toISOString(), id])
}
