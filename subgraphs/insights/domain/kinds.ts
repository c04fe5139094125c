/**
 * state    a record as it stands: the newest word of it counts, and stays until the record goes
 * event    something that happened, once; it may end later
 * daily    a number for each day, with one more each day
 */
export type SignalShape = 'STATE' | 'EVENT' | 'DAILY'

/** Systems that say something of accounts. */
export type SourceSystem = 'HUBSPOT' | 'C3' | 'WARP'

interface Kind {
  /** What a salesperson calls it. */
  title: string
  shape: SignalShape
  /** Who may say it. */
  systems: readonly SourceSystem[]
  /** What the parts hold that it fills; parts that are absent are always null. */
  holds: Readonly<Partial<Record<'amount' | 'label' | 'happenedAt' | 'endedAt', string>>>
}

/**
 * Every kind of fact there is, in one place. States and events stay as long as their record does: a score may ask for the whole of a
 * customer's life, and one row for each record is little.
 */
export const signalKinds = {
  company: {
    ...{ title: 'Company', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { amount: 'yearly revenue', label: 'lifecycle stage', happenedAt: 'last sales activity' },
  },
  firm: {
    ...{ title: 'Size and industry', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { amount: 'people who work there', label: 'industry' },
  },
  country: {
    ...{ title: 'Country', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { label: 'country it sits in' },
  },
  contact: {
    ...{ title: 'Person', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { happenedAt: 'the person’s last activity' },
  },
  deal: {
    ...{ title: 'Deal', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { amount: 'value', label: 'open, won or lost', happenedAt: 'opened', endedAt: 'closed' },
  },
  ticket: {
    ...{ title: 'Ticket', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { label: 'priority', happenedAt: 'opened', endedAt: 'closed' },
  },
  rfq: {
    ...{ title: 'Request for prices', shape: 'STATE', systems: ['C3'] },
    holds: { amount: 'value', label: 'status', happenedAt: 'asked' },
  },
  billing: {
    ...{ title: 'Billing account', shape: 'STATE', systems: ['WARP'] },
    holds: { amount: 'monthly revenue', label: 'payment status', happenedAt: 'opened' },
  },
  'account-status': {
    ...{ title: 'Status of a billing account', shape: 'STATE', systems: ['WARP'] },
    holds: { label: 'ACTIVE, SUSPENDED or CHURNED' },
  },
  trunk: {
    ...{ title: 'Trunk', shape: 'STATE', systems: ['WARP'] },
    holds: { amount: 'calls at once', label: 'status' },
  },
  'usage-alert': {
    ...{ title: 'Alert of a billing account', shape: 'EVENT', systems: ['WARP'] },
    holds: {
      amount: 'what was measured',
      label: 'severity and measure',
      happenedAt: 'opened',
      endedAt: 'closed',
    },
  },
  'usage-minutes': {
    ...{ title: 'Minutes talked', shape: 'DAILY', systems: ['WARP'] },
    holds: { amount: 'minutes talked on the day' },
  },
  'answer-ratio': {
    ...{ title: 'Share of calls answered', shape: 'DAILY', systems: ['WARP'] },
    holds: { amount: 'share of the day’s calls that were answered' },
  },
  'call-length': {
    ...{ title: 'Length of calls', shape: 'DAILY', systems: ['WARP'] },
    holds: { amount: 'seconds of an answered call of the day' },
  },
} as const satisfies Record<string, Kind>

type Kinds = typeof signalKinds
type Of<S extends SignalShape> = { [K in keyof Kinds]: Kinds[K]['shape'] extends S ? K : never }[keyof Kinds]

/** Kinds of which each record has one fact. */
export type SignalKind = Of<'STATE' | 'EVENT'>
/** Kinds of which each account has a fact for every day. */
export type SeriesKind = Of<'DAILY'>
