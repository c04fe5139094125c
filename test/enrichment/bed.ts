import { TestClock } from '#kernel/clock.ts'
import type { EventPayload } from '#schema/events.ts'
import type { EnrichmentDocument } from '#subgraphs/insights/domain/enrichment.ts'
import type { EnrichmentSettings } from '#subgraphs/insights/domain/enrichment-settings.ts'
import { enrichSome } from '#subgraphs/insights/jobs/enrich.ts'
import { CHANGED_PRIORITY, type Wanted, want } from '#subgraphs/insights/store/enrichment-queue.ts'
import { heldSettings, keepSettings } from '#subgraphs/insights/store/settings.ts'
import { type OutsideConfig, openOutside } from '#subgraphs/insights/sync/outside.ts'
import { recordingLog } from '#test/kit/log.ts'
import type { InsightsBed } from '../insights/bed.ts'
import { NOW } from '../insights/facts.ts'
import { says, World } from '../insights/world.ts'

export interface QueueRow {
  customer_id: string
  state: string
  attempts: number
  code: string | null
  due_at: Date | null
  is_asked: boolean
  priority: number
  paid: string[]
}

/** A customer with a company, an account, a ticket and a deal; what its company says beside. */
export const someCustomer = (
  world: World,
  id = 'customer-1',
  company: Partial<EventPayload<'customers.company.changed'>> = {
    domain: 'acme.example',
    industry: 'TELECOM',
  },
): World => {
  world.tell('customers.identity.changed', says.identity(id, 1, [`HUBSPOT:company-${id}`, `WARP:ban-${id}`]))
  world.tell('customers.company.changed', says.company(`company-${id}`, company))
  world.tell('telephony.account.changed', says.account(`ban-${id}`, 'PAST_DUE', '1250.5'))
  world.tell('customers.ticket.changed', says.ticket(`ticket-${id}`, `company-${id}`))
  world.tell('customers.deal.changed', says.deal(`deal-${id}`, `company-${id}`))
  return world
}

/** An organisation whose customers can be written about, step by step, at moments of the test's choice. */
export const enrichmentBed = async (
  bed: InsightsBed,
  config: OutsideConfig = {},
  world = someCustomer(new World()),
) => {
  const clock = new TestClock(NOW)
  const { log, lines } = recordingLog()
  const { database } = bed
  const { orgId } = world
  const outside = openOutside(config, { clock, log })
  await bed.take(world.told, NOW)
  await bed.scoreAll(NOW)
  const forever = new AbortController().signal
  return {
    ...{ bed, clock, lines, outside, orgId, world },
    /** Says how the organisation wants it. */
    set: async (enrichment: Partial<EnrichmentSettings>, org = orgId): Promise<void> => {
      await database.transaction(org, async (tx) => {
        const { version } = await heldSettings(tx, org)
        const changed = { version: version + 1, document: { enrichment }, changedAt: clock.now() }
        await keepSettings(tx, org, changed, 'a test')
      })
    },
    want: (customerId = 'customer-1', more: Partial<Wanted> = {}, org = orgId): Promise<void> =>
      database.transaction(org, (tx) =>
        want(
          tx,
          org,
          [{ customerId, priority: CHANGED_PRIORITY, isAsked: true, providers: null, ...more }],
          clock.now(),
        ),
      ),
    /** One batch, as one process would do it. */
    enrich: (limit?: number, signal = forever, org = orgId): Promise<number> =>
      enrichSome({ rows: database, clock, outside, signal }, org, limit),
    document: async (customerId = 'customer-1'): Promise<EnrichmentDocument | undefined> => {
      const rows = await bed.rows<{ document: EnrichmentDocument }>(
        'select document from insights.enrichments where org_id = $1 and customer_id = $2',
        [orgId, customerId],
      )
      return rows[0]?.document
    },
    queue: () =>
      bed.rows<QueueRow>('select * from insights.enrichment_queue where org_id = $1 order by customer_id', [
        orgId,
      ]),
    days: () =>
      bed.rows<{
        provider: string
        calls: number
        cost: string
        answered: number
        ungrounded: number
        failed: number
      }>(
        'select provider, calls, trim_scale(cost)::text as cost, answered, ungrounded, failed from insights.enrichment_days where org_id = $1 and calls > 0 order by provider',
        [orgId],
      ),
    /** Summaries that others were told, oldest first. */
    told: async () =>
      (await bed.profiles(orgId)).flatMap(({ key, payload }) =>
        payload.fields.summary ? [{ key, ...payload.fields.summary }] : [],
      ),
  }
}
