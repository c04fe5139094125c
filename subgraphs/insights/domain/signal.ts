/**
 * signal    one fact about one account: what, how much, since when, and who says so
 * account   a company as one system knows it: a HubSpot company, a C3 customer, a billing account
 * kind      what the fact is about: domain/kinds.ts says what each holds
 * series    what is told day by day, such as minutes talked: kept by the month, and read as a whole
 */
import type { SeriesKind, SignalKind, SourceSystem } from './kinds.ts'

/** Systems whose accounts make up customers. */
export type AccountSystem = 'HUBSPOT' | 'C3' | 'WARP'

/** Who says what of whom. */
interface Said {
  /** Who says it. */
  system: SourceSystem
  /** Whose account it is about: the speaker's own, unless it knows the account of another system. */
  accountSystem: AccountSystem
  accountId: string
}

export interface Signal extends Said {
  kind: SignalKind
  /** The record at the source the fact was read from. */
  recordId: string
  amount: number | null
  /** Currency or other unit of `amount`. */
  unit: string | null
  label: string | null
  happenedAt: Date | null
  endedAt: Date | null
  /** When the source says that the record changed. */
  observedAt: Date
  /** What its kind holds beside; absent where that is nothing. */
  details?: Details
}

/** What some kinds hold beside: `holds` in kinds.ts says which. */
export interface Details {
  /** What an order is of: the largest by amount, each category, family and manufacturer once. */
  lines?: readonly OrderLine[]
  /** The day on which an invoice has to be paid, and the moment at which a task has to be done, as ISO 8601 text. */
  dueOn?: string
  dueAt?: string
  /** What a company does, where it sits, how many people work there, and the hub's id of the colleague who owns it. */
  industry?: string
  country?: string
  employees?: number
  ownerId?: string
  /** What a portal calls the stage a deal is in, and that it renews a contract. */
  stage?: string
  renewal?: true
  /** The day on which the contract of a billing account ends, as ISO 8601 text. */
  contractEnd?: string
  /** What somebody wrote: data, and never anything to be followed. */
  text?: string
  /** What HubSpot has noticed of a person's engagement. */
  noticed?: readonly Noticed[]
}

/** A sign of a person's engagement: how often, null where HubSpot does not count, and when last. */
export interface Noticed {
  /** Calls and mails of ours, activities that were logged, mails opened, mails answered, meetings. */
  signal: 'CONTACTED' | 'ACTIVITY' | 'MAIL_OPENED' | 'MAIL_ANSWERED' | 'MEETING'
  count: number | null
  /** As ISO 8601 text. */
  at: string
}

/** A part of an order. */
export interface OrderLine {
  /** Null where nobody has told. */
  category: string | null
  family: string | null
  manufacturer: string
  quantity: number
  /** Decimal, in the unit of the order. */
  amount: string
}

/** What was told of one day; `amount` null: that there is nothing to tell. */
export interface DayFact extends Said {
  kind: SeriesKind
  /** Such as 2026-11-22. */
  day: string
  amount: number | null
  unit: string
  observedAt: Date
}

/** Days of an account, oldest first; days of which nothing is known are absent. */
export interface Series extends Said {
  kind: SeriesKind
  unit: string
  days: readonly { day: string; amount: number }[]
}
