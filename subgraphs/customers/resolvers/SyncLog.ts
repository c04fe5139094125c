import type { SyncLogResolvers } from '#schema/generated/customers.types.ts'

export const SyncLog: SyncLogResolvers = {
  integrationId: (log) => log.connectionId,
  recordId: (log) => log.externalId,
  error: (log) => log.reason,
}
