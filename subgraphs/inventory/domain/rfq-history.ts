import type { RfqStatus } from './rfq.ts'

/** What can happen to a request for prices. */
export const HAPPENING_KINDS = [
  'RESERVED',
  'RELEASED',
  'RESERVATION_REFUSED',
  'QUOTED',
  'WON',
  'LOST',
  'EXPIRED',
  'REOPENED',
  'STATUS_REFUSED',
  'COMPONENT_CHOSEN',
  'COMPONENT_TAKEN_BACK',
] as const
export type HappeningKind = (typeof HAPPENING_KINDS)[number]
export type RfqActor = 'PERSON' | 'HUB' | 'C3'

/** What is told of a happening beside what and when: ids, numbers and codes, and nothing of persons. */
export interface HappeningDetails {
  stockId?: string
  quantity?: number
  reason?: string
  previousStatus?: RfqStatus
  quoteRevision?: number
  line?: number
  componentId?: string
  /** What was asked for by the caller's key, so that another request under the same key is told from it. */
  asked?: string
}

/** Something that has happened to a request. */
export interface Happening {
  id: string
  rfqId: string
  at: Date
  kind: HappeningKind
  by: RfqActor
  details: HappeningDetails
}

/** What it is called that a request has come to stand somewhere. */
export const movedTo = (status: RfqStatus): HappeningKind => (status === 'OPEN' ? 'REOPENED' : status)
