import { kindsWith } from '../domain/company-kinds.ts'
import { decidedKindsOf } from '../store/company-kinds.ts'
import { integrationsOf } from '../store/integrations.ts'
import { knownSince } from '../store/known-since.ts'
import { mappingsOf } from '../store/mappings.ts'
import { stagesOf } from '../store/portal.ts'
import type { Transaction } from '../store/transaction.ts'
import { factsOf, mappedBy, type PortalFacts } from './portal-facts.ts'

/**
 * What is known of a portal around its records, without asking it: five statements.
 * @param runId the run that is reading the portal, if one is
 */
export const knownFacts = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  runId?: string,
): Promise<PortalFacts> => {
  const [integration] = await integrationsOf(tx, orgId, [integrationId])
  const stages = await stagesOf(tx, { orgId, integrationId })
  const decided = await decidedKindsOf(tx, orgId, [integrationId])
  return factsOf(integration?.currency ?? null, stages, {
    ...mappedBy(await mappingsOf(tx, orgId, [integrationId])),
    knownSince: await knownSince(tx, { orgId, integrationId }, 'deals', runId),
    kinds: kindsWith(decided.get(integrationId) ?? []),
  })
}
