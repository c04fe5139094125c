import type { CrmIntegrationResolvers } from '#schema/generated/customers.types.ts'

export const CrmIntegration: CrmIntegrationResolvers = {
  crmType: () => 'hubspot',
  isActive: (row) => row.status === 'ACTIVE' && row.disconnected_at === null,
  portalId: (row) => row.portal_id,
  syncDirection: (row) => row.direction.toLowerCase(),
  syncFrequency: (row) => row.frequency.toLowerCase(),
  autoEnrich: (row) => row.auto_enrich,
  autoScore: (row) => row.auto_score,
  autoAssign: (row) => row.auto_assign,
  autoCreateTasks: (row) => row.auto_create_tasks,
  autoCreateDeals: (row) => row.auto_create_deals,
  lastSyncAt: (row) => row.last_sync_at,
  syncCount: (row) => row.sync_count,
  lastError: (row) => row.last_error,
}
