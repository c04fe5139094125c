/** What inventory tells the others: the newest version of each of its events. Keys: customer id unless said otherwise. */
import { z } from 'zod'
import { alert } from './payloads/alert.ts'
import { auditEntry } from './payloads/audit.ts'
import { conflict, endedConflict } from './payloads/conflict.ts'
import { integration } from './payloads/integration.ts'
import { order } from './payloads/order.ts'
import { partRecommendation } from './payloads/recommendation.ts'
import { at, id, money } from './payloads/scalars.ts'
import { stockAlert } from './payloads/stock-alert.ts'
import { syncRun } from './payloads/sync-run.ts'

export const inventoryEvents = {
  /** The same of what C3 and the hub have both changed. Key: the conflict. */
  'inventory.conflict.opened': { version: 1, payload: conflict },
  'inventory.conflict.resolved': { version: 1, payload: endedConflict },
  'inventory.sync.progressed': { version: 1, payload: syncRun },
  'inventory.integration.changed': { version: 1, payload: integration },
  'inventory.alert.raised': { version: 1, payload: alert },
  /** A C3 customer. Key: account id. */
  'inventory.account.changed': {
    version: 1,
    payload: z.object({
      accountId: id,
      integrationId: id,
      name: z.string(),
      domain: z.string().nullable(),
      /** Marks of its telephone numbers, by which they are compared and from which nobody reads them: see `phone-number.ts`. */
      phoneMarks: z.array(z.string()).max(5).optional(),
      /** The town and the country that it is in. */
      place: z.string().nullable().optional(),
      country: z.string().nullable().optional(),
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** A request for prices. Key: rfq id. */
  'inventory.rfq.changed': {
    version: 2,
    payload: z.object({
      rfqId: id,
      accountId: id,
      /** The number people quote, and C3's id; null when version 1 told of it, and when it is gone. */
      number: z.string().nullable(),
      c3RfqId: z.string().nullable(),
      status: z.enum(['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED']),
      previousStatus: z.enum(['OPEN', 'QUOTED', 'WON', 'LOST', 'EXPIRED']).nullable(),
      total: money.nullable(),
      createdAt: at,
      observedAt: at,
      deleted: z.boolean(),
    }),
  },
  /** What an account bought on a day, or gave back, came about, changed, or is no more (`deleted`). Key: account id. */
  'inventory.order.changed': { version: 1, payload: order },
  /** Something recommended about a part, a request for prices or a supplier, and what became of it. Key: the recommendation. */
  'inventory.recommendation.changed': { version: 1, payload: partRecommendation },
  /** A part has come to be scarce, or more of a stock row are reserved than lie there. Told once until it is well again. Key: component id. */
  'inventory.stock.alerted': { version: 1, payload: stockAlert },
  /** Somebody or something changed a record. Key: the audit row. */
  'inventory.audit.written': { version: 1, payload: auditEntry },
} as const
