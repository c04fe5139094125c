import { NotFound } from '#kernel/errors.ts'
import type { QueryResolvers } from '#schema/generated/hub.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { viewerOf } from '../domain/viewer.ts'
import { apiKeys } from '../store/api-keys.ts'
import { integrations } from '../store/integrations.ts'
import { syncRuns } from '../store/sync-runs.ts'
import { known } from '../store/viewer.ts'
import { auditQueries } from './audit.ts'
import { logLevelQueries } from './log-levels.ts'
import { placeOf, runsPage } from './runs-page.ts'

export const Query: QueryResolvers = {
  ...auditQueries,
  ...logLevelQueries,
  viewer: async (_, _args, { db, orgId, principal }) => {
    const found = await db.read(orgId, (tx) => known(tx, orgId, principal))
    if (!found) throw NotFound.with({ what: 'Your organisation' })
    return viewerOf(principal, found)
  },
  apiKeys: (_, _args, { db, orgId }) => db.read(orgId, (tx) => apiKeys(tx, orgId)),
  integrations: (_, _args, { db, orgId }) => db.read(orgId, (tx) => integrations(tx, orgId)),
  syncRuns: async (_, args, { db, orgId }) => {
    const page = keyset(args, 2)
    return connection(await db.read(orgId, (tx) => syncRuns(tx, orgId, runsPage(page))), page, placeOf)
  },
}
