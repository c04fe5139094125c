import type { CompanyRecordResolvers } from '#schema/generated/customers.types.ts'
import { portalId } from '../store/portal-ids.ts'
import { externalIds } from './external-ids.ts'

export const CompanyRecord: CompanyRecordResolvers = {
  integrationId: (company) => company.integration_id,
  hubspotCompanyId: (company) => portalId(company.external_id),
  lifecycleStage: (company) => company.lifecycle_stage,
  customer: (company, _, ctx) => ctx.customers.load(company.customer_id),
  externalIds,
  updatedAt: (company) => company.valid_from,
}
