/** What telephony tells the others: the newest version of each of its events. Keys: customer id unless said otherwise. */
import { z } from 'zod'
import { phoneNumber, trunk } from './payloads/asset.ts'
import { auditEntry } from './payloads/audit.ts'
import { invoice } from './payloads/invoice.ts'
import { brand, campaign, portOrder } from './payloads/registration.ts'
import { at, id, money } from './payloads/scalars.ts'
import { thresholdAlert } from './payloads/threshold-alert.ts'
import { firstCall, usageDay, usageTick } from './payloads/usage.ts'

export const telephonyEvents = {
  /** A billing account. Key: ban. */
  'telephony.account.changed': {
    version: 1,
    payload: z.object({
      ban: id,
      name: z.string(),
      domain: z.string().nullable(),
      status: z.enum(['ACTIVE', 'SUSPENDED', 'CHURNED']),
      tier: z.enum(['STARTER', 'GROWTH', 'ENTERPRISE']),
      mrr: money,
      creditLimit: money,
      paymentStatus: z.enum(['CURRENT', 'PAST_DUE', 'SUSPENDED']),
      paymentTerms: z.string().optional(),
      paymentMethod: z.enum(['CARD', 'ACH', 'WIRE']).optional(),
      /** Whether it may use the API, and send messages. */
      apiEnabled: z.boolean().optional(),
      smsEnabled: z.boolean().optional(),
      contractEnd: z.iso.date().nullable(),
      /** The customer it was opened for; null when nobody has said. */
      openedFor: id.nullable().optional(),
      createdAt: at,
      /** When it was closed; null while it is not. */
      closedAt: at.nullable().optional(),
      observedAt: at,
    }),
  },
  /** A trunk. Key: ban, so that an account's trunks arrive in order after the account. */
  'telephony.trunk.changed': { version: 1, payload: trunk },
  /** A telephone number, by id: what it is itself only the hub’s own processes can read. Key: ban. */
  'telephony.number.changed': { version: 1, payload: phoneNumber },
  /** Numbers on their way from or to another carrier. Key: ban. */
  'telephony.port.changed': { version: 1, payload: portOrder },
  /** Who sends messages, and for what, as The Campaign Registry knows it. Key: ban. */
  'telephony.brand.changed': { version: 1, payload: brand },
  'telephony.campaign.changed': { version: 1, payload: campaign },
  /** What an account used on a day that is over, and in its month until then. Key: ban. */
  'telephony.usage.summarised': { version: 1, payload: usageDay },
  /** How an account is doing right now. Key: ban. */
  'telephony.usage.ticked': { version: 1, payload: usageTick },
  /** The first call of an account went through. Told once. Key: ban. */
  'telephony.call.first': { version: 1, payload: firstCall },
  /** A measure has left its bounds (`closedAt` null), or is back within them. Each is told once. Key: ban. */
  'telephony.alert.opened': { version: 1, payload: thresholdAlert },
  'telephony.alert.closed': { version: 1, payload: thresholdAlert },
  /** An invoice was issued, paid, has become overdue, or is void. Key: ban. */
  'telephony.invoice.changed': { version: 1, payload: invoice },
  /** Somebody or something changed a record. Key: the audit row. */
  'telephony.audit.written': { version: 1, payload: auditEntry },
} as const
