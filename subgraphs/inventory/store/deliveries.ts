import {
  type WebhookDayRow as DayRow,
  keptDeliveries,
  type WebhookSummaryRow as SummaryRow,
} from '#sync/deliveries/kept.ts'
import type { ListedDelivery } from '#sync/deliveries/listed.ts'
import { deliveryTables } from '#sync/deliveries/tables.ts'

/** What of one POST concerned one connection, as it is shown. */
export type C3WebhookDeliveryRow = ListedDelivery<C3WebhookEventRow, 'account_id' | 'delivery_id'>

/** An event as it is kept: as C3 told it, which says nothing of the record. */
export interface C3WebhookEventRow {
  eventId: string
  entity: string
  id: string
  version: number
  kind: 'CHANGED' | 'DELETED'
  occurredAt: string
}

/** Where webhooks are kept. */
export const deliveryTablesHere = deliveryTables('inventory', ['account_id', 'delivery_id'])

export const { summariesOf } = keptDeliveries(deliveryTablesHere)
export type WebhookSummaryRow = SummaryRow
export type WebhookDayRow = DayRow
