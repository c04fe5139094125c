import type { SyncLogResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'

export const SyncLog: SyncLogResolvers = {
  integrationId: (log) => log.connectionId,
  recordId: (log) => portalId(log.externalId),
  error: (log) => log.reason,
}
