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
