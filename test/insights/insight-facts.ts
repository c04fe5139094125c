import type { EventPayload } from '#schema/events.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import type { InsightsBed } from './bed.ts'
import { ago, DAY, NOW } from './facts.ts'
import { says, type World } from './world.ts'

export const later = (days: number) => new Date(NOW.getTime() + days * DAY)
export interface Row {
  insight_id: string
  customer_id: string | null
  detector: string
  episode: number
  state: string
  version: number
  confidence: number
  sentence: string
}
export const insightsIn = (bed: InsightsBed, where = 'true') =>
  bed.rows<Row>(`select * from insights.insights where ${where} order by customer_id, detector, episode`)
export const eventsIn = (bed: InsightsBed, name: string) =>
  bed.rows<{ key: string; payload: Record<string, never> }>(
    'select key, payload from events.recorded where name = $1 order by batch, place',
    [name],
  )
/** A customer with an account that does not pay, and whose company is silent. */
export const debtor = (world: World, n: number, mrr = '5000') => {
  world.tell(
    'customers.identity.changed',
    says.identity(`debtor-${n}`, 1, [`HUBSPOT:debtor-${n}`, `WARP:debtor-${n}`]),
  )
  world.tell(
    'customers.company.changed',
    says.company(`debtor-${n}`, { lastActivityAt: ago(3).toISOString() }),
  )
  world.tell('telephony.account.changed', says.account(`debtor-${n}`, 'PAST_DUE', mrr))
}

export const advice = (
  recommendationId: string,
  says: Partial<EventPayload<'inventory.recommendation.changed'>> = {},
) => ({
  name: 'inventory.recommendation.changed',
  version: 1,
  payload: {
    ...{
      recommendationId,
      kind: 'SUPPLY_RISK',
      state: 'PROPOSED',
      accountId: null,
      rfqId: null,
      componentId: 'part',
    },
    ...{
      partNumber: 'STM32F429ZIT6',
      alternativePartNumber: null,
      c3SupplierId: null,
      severity: 'HIGH',
      amount: null,
    },
    ...{
      confidence: 72,
      method: 'supply-rules',
      methodVersion: 2,
      reasoning: 'Only one supplier offers it.',
      outcome: null,
    },
    observedAt: NOW.toISOString(),
    ...says,
  },
  orgId: DEMO,
  pos: 1,
  key: recommendationId,
})
