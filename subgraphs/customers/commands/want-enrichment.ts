import { publish } from '#events/outbox.ts'
import { event } from '#schema/events.ts'
import type { Context } from '../context.ts'
import { customersOfRecords } from '../store/conflicts.ts'
import { integrationsOf } from '../store/integrations.ts'
import { standingRecords } from '../store/written-records.ts'

const [LEAST_URGENT, USUAL, MOST_URGENT] = [1, 5, 10]

/** What somebody minds who brings a record. */
export interface EnrichmentWish {
  skipEnrichment?: boolean | null | undefined
  priority?: number | null | undefined
}

/** Has the customer of a record written about, where the record's connection enriches and nobody asked not to. */
export const wantEnrichment = async (
  ctx: Context,
  type: 'contacts' | 'companies',
  recordId: string,
  { skipEnrichment, priority }: EnrichmentWish,
): Promise<void> => {
  if (skipEnrichment) return
  const { orgId, clock } = ctx
  await ctx.write(async (tx) => {
    const record = (await standingRecords(tx, orgId, type, [recordId])).get(recordId)
    const [connection] = record ? await integrationsOf(tx, orgId, [record.integration_id]) : []
    const customerId = (await customersOfRecords(tx, orgId, [recordId])).get(recordId)
    if (!connection?.auto_enrich || customerId === undefined) return
    const at = clock.now()
    const wanted = {
      customerId,
      priority: Math.max(LEAST_URGENT, Math.min(MOST_URGENT, priority ?? USUAL)),
      observedAt: at.toISOString(),
    }
    await publish(tx, orgId, [event('customers.enrichment.wanted', customerId, wanted)], at)
  })
}
