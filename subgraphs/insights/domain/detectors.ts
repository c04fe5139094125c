/** All detectors there are. A detector is added in its file below detectors/, and here. */
import type { Detector } from './detecting.ts'
import { decliningEngagement, highValueLowEngagement, inactive } from './detectors/engagement.ts'
import { churnRisk, upsell } from './detectors/prospects.ts'
import { fallingHealth, paymentOverdue, poorHealth, urgentTickets, usageDrop } from './detectors/trouble.ts'

export const detectors = {
  inactive,
  'high-value-low-engagement': highValueLowEngagement,
  'declining-engagement': decliningEngagement,
  'churn-risk': churnRisk,
  upsell,
  'poor-health': poorHealth,
  'falling-health': fallingHealth,
  'payment-overdue': paymentOverdue,
  'urgent-tickets': urgentTickets,
  'usage-drop': usageDrop,
} as const satisfies Record<string, Detector>

export type DetectorName = keyof typeof detectors

export const detectorNames = Object.keys(detectors) as DetectorName[]

export const isDetector = (name: string): name is DetectorName => Object.hasOwn(detectors, name)
