import { NotFound } from '#kernel/errors.ts'
import type { QueryResolvers } from '#schema/generated/hub.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { viewerOf } from '../domain/viewer.ts'
import { integrations } from '../store/integrations.ts'
import { syncRuns } from '../store/sync-runs.ts'
import { known } from '../store/viewer.ts'
import { keyQueries } from './api-keys.ts'
import { auditQueries } from './audit.ts'
import { changeQueries } from './changes.ts'
import { conversationQueries } from './conversations.ts'
import { logLevelQueries } from './log-levels.ts'
import { memberQueries } from './members.ts'
import { placeOf, runsPage } from './runs-page.ts'
import { webhookQueries } from './webhooks.ts'

export const Query: QueryResolvers = {
  ...webhookQueries,
  ...changeQueries,
  ...auditQueries,
  ...conversationQueries,
  ...logLevelQueries,
  viewer: async (_, _args, { db, orgId, principal }) => {
    const found = await db.read(orgId, (tx) => known(tx, orgId, principal))
    if (!found) throw NotFound.with({ what: 'Your organisation' })
    return viewerOf(principal, found)
  },
  ...keyQueries,
  ...memberQueries,
  integrations: (_, _args, { db, orgId }) => db.read(orgId, (tx) => integrations(tx, orgId)),
  syncRuns: async (_, args, { db, orgId }) => {
    const page = keyset(args, 2)
    return connection(await db.read(orgId, (tx) => syncRuns(tx, orgId, runsPage(page))), page, placeOf)
  },
}
