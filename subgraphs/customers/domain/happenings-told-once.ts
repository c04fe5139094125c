/**
 * What happens once in a life and is told by an event of its own: nothing has to be compared to know of it, and it is known again by
 * what it happened to.
 */
import { type EventName, readEvent } from '#schema/events.ts'
import type { Happening } from './happenings.ts'

/** Names of the events that tell of such things. */
export const TOLD_ONCE = [
  'telephony.port.changed',
  'telephony.campaign.changed',
  'telephony.call.first',
  'telephony.alert.opened',
  'telephony.invoice.changed',
] as const satisfies readonly EventName[]

/** What is measured against a limit, as people call it. */
const MEASURES = {
  MINUTES: 'minutes a month',
  SPEND: 'spend a month',
  CREDIT: 'credit',
  CONCURRENCY: 'calls at once',
  ANSWER_RATIO: 'answered calls',
} as const

const instant = (text: string): string => new Date(text).toISOString()

/** What an event tells of that happened now; undefined for one that tells of nothing a timeline shows. Pure. */
export const toldOnce = (event: {
  name: string
  version: number
  payload: unknown
}): Happening | undefined => {
  const { name, version, payload } = event
  switch (name) {
    case 'telephony.port.changed': {
      const { ban, portOrderId, direction, status, numberIds, observedAt } = readEvent(name, version, payload)
      if (direction !== 'IN' || status !== 'COMPLETED') return undefined
      const tokens = { ban, number_count: String(numberIds.length) }
      return { kind: 'numbers_ported', ban, about: portOrderId, at: instant(observedAt), tokens }
    }
    case 'telephony.campaign.changed': {
      const told = readEvent(name, version, payload)
      if (told.status !== 'REGISTERED') return undefined
      const { ban, campaignId, tcrCampaignId, useCase, observedAt } = told
      const tokens = { campaign_id: tcrCampaignId ?? campaignId, campaign_use: useCase }
      return { kind: 'campaign_registered', ban, about: campaignId, at: instant(observedAt), tokens }
    }
    case 'telephony.call.first': {
      const { ban, calledAt } = readEvent(name, version, payload)
      return { kind: 'first_call', ban, about: ban, at: instant(calledAt), tokens: { ban } }
    }
    case 'telephony.alert.opened': {
      const { ban, alertId, measure, percent, limit, openedAt } = readEvent(name, version, payload)
      // An answer ratio is a share of nothing: it becomes a ticket.
      if (percent === null || limit === null) return undefined
      const tokens = { ban, measure: MEASURES[measure], percent: String(percent), limit }
      return { kind: 'usage_threshold_reached', ban, about: alertId, at: instant(openedAt), tokens }
    }
    case 'telephony.invoice.changed': {
      const { ban, invoiceId, number, total, status, issuedAt } = readEvent(name, version, payload)
      // That it was paid later is no other invoice.
      if (status !== 'ISSUED') return undefined
      const tokens = { invoice_id: number, amount: total.amount, currency: total.currency }
      return { kind: 'invoice_generated', ban, about: invoiceId, at: instant(issuedAt), tokens }
    }
    default:
      return undefined
  }
}
