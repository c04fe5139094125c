import {
  type WebhookDayRow as DayRow,
  keptDeliveries,
  type WebhookSummaryRow as SummaryRow,
} from '#sync/deliveries/kept.ts'
import type { ListedDelivery } from '#sync/deliveries/listed.ts'
import { deliveryTables } from '#sync/deliveries/tables.ts'

/** What of one POST concerned one connection, as it is shown. */
export type WebhookDeliveryRow = ListedDelivery<WebhookEventRow, 'portal_id' | 'receiver'>

/** An event as it is kept: without its value. */
export interface WebhookEventRow {
  subscriptionType: string
  objectId?: string
  propertyName?: string
  changeSource?: string
  occurredAt?: number
}

/** Where webhooks are kept. */
export const deliveryTablesHere = deliveryTables('customers', ['portal_id', 'receiver'])

export const { summariesOf } = keptDeliveries(deliveryTablesHere)
export type WebhookSummaryRow = SummaryRow
export type WebhookDayRow = DayRow
