/** What insights tells the others: the newest version of each of its events. Keys: customer id unless said otherwise. */
import { z } from 'zod'
import { auditEntry } from './payloads/audit.ts'
import { insight } from './payloads/insight.ts'
import { profile } from './payloads/profile.ts'
import { recommendation } from './payloads/recommendation.ts'
import { at, decimal, id } from './payloads/scalars.ts'

export const insightsEvents = {
  /** A customer's health moved, or goes another way than it did. */
  'insights.health.changed': {
    version: 1,
    payload: z.object({
      customerId: id,
      score: decimal.nullable(),
      previousScore: decimal.nullable(),
      confidence: decimal,
      /** Where it is going; null when its history is too short to say. */
      trend: z.enum(['RISING', 'STEADY', 'FALLING']).nullable().optional(),
      asOf: at,
    }),
  },
  /** What is thought of a customer beyond its health. */
  'insights.profile.changed': { version: 1, payload: profile },
  /** Something was noticed. Key: the insight. */
  'insights.insight.raised': { version: 1, payload: insight },
  /** What was noticed is surer, less sure, decided on or over. Key: the insight. */
  'insights.insight.changed': { version: 1, payload: insight },
  /** An organisation judges its customers by other rules: which parts of its settings say something of their own. Key: settings. */
  'insights.settings.changed': {
    version: 1,
    payload: z.object({
      version: z.number().int().min(1),
      changed: z.array(z.enum(['HEALTH', 'ENRICHMENT', 'DETECTORS', 'INSIGHT_RULES', 'RISK', 'LEADS'])),
      changedAt: at,
    }),
  },
  /** Something that somebody should do for a customer, and what became of it. Key: customer id. */
  'insights.recommendation.changed': { version: 1, payload: recommendation },
  /** Somebody or something changed a record. Key: the audit row. */
  'insights.audit.written': { version: 1, payload: auditEntry },
} as const
