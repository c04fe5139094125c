/**
 * signal    one fact about one account: what, how much, since when, and who says so
 * account   a company as one system knows it: a HubSpot company, a C3 customer, a billing account
 * kind      what the fact is about; each kind says which of the optional parts it fills
 */
export type SourceSystem = 'HUBSPOT' | 'C3' | 'WARP'

/**
 * company         amount: yearly revenue · label: lifecycle stage · happenedAt: last sales activity
 * contact         happenedAt: the person's last activity
 * deal            amount: value · label: open | won | lost · happenedAt: opened · endedAt: closed
 * ticket          label: priority · happenedAt: opened · endedAt: closed
 * rfq             amount: value · label: status · happenedAt: asked
 * billing         amount: monthly revenue · label: payment status · happenedAt: opened
 * account-status  label: ACTIVE | SUSPENDED | CHURNED
 * trunk           amount: calls at once · label: status
 * usage-minutes   amount: minutes talked on a day · happenedAt: the day
 * answer-ratio    amount: share of the day's calls that were answered · happenedAt: the day
 * call-length     amount: seconds of an answered call of the day · happenedAt: the day
 * usage-alert     amount: what was measured · label: severity and measure · happenedAt: opened · endedAt: closed
 */
export const signalKinds = [
  'company',
  'contact',
  'deal',
  'ticket',
  'rfq',
  'billing',
  'account-status',
  'trunk',
  'usage-minutes',
  'answer-ratio',
  'call-length',
  'usage-alert',
] as const
export type SignalKind = (typeof signalKinds)[number]

export interface Signal {
  system: SourceSystem
  accountId: string
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
