/**
 * state    a record as it stands: the newest word of it counts, and stays until the record goes
 * event    something that happened, once; it may end later
 * daily    a number for each day, with one more each day
 */
export type SignalShape = 'STATE' | 'EVENT' | 'DAILY'

/** Systems that say something of accounts: those the hub follows itself, and platforms whose facts are sent. */
export const SOURCE_SYSTEMS = [
  ...(['HUBSPOT', 'C3', 'WARP'] as const),
  ...(['NINJAONE', 'PAYPAL', 'PAX8', 'MICROSOFT365', 'EMAIL', 'WEB'] as const),
] as const
export type SourceSystem = (typeof SOURCE_SYSTEMS)[number]

/** What may be sent of a kind. */
export interface Sending {
  /** The units of its amount; `CURRENCY` stands for any currency. Empty where it has none. */
  units: readonly string[]
  /** What the amount may be; left out where there is none. */
  amount?: { least: number; most: number; isOptional?: boolean }
  /** Its labels; left out where it has none. */
  labels?: readonly string[]
  /** Whether it may hold what somebody wrote. */
  hasText?: boolean
}

interface Kind {
  /** What a salesperson calls it. */
  title: string
  shape: SignalShape
  /** Who may say it. */
  systems: readonly SourceSystem[]
  /** What the parts hold that it fills; parts that are absent are always null. */
  holds: Readonly<Partial<Record<'amount' | 'label' | 'happenedAt' | 'endedAt' | 'details', string>>>
  /** Left out where the hub learns of it itself, and nobody may send it. */
  sending?: Sending
}

const MONEY = { units: ['CURRENCY'], amount: { least: 0, most: 1e12 } } as const
const COUNT = { least: 0, most: 1e7 } as const

/**
 * Every kind of fact there is, in one place. States and events stay as long as their record does: a score may ask for the whole of a
 * customer's life, and one row for each record is little.
 */
export const signalKinds = {
  company: {
    ...{ title: 'Company', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: {
      amount: 'yearly revenue',
      label: 'lifecycle stage',
      happenedAt: 'last sales activity',
      details: 'what it does, where it sits, how many people work there, and who owns it',
    },
  },
  contact: {
    ...{ title: 'Person', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: {
      happenedAt: 'the person’s last activity',
      details: 'calls, mails and meetings that HubSpot has noticed',
    },
  },
  deal: {
    ...{ title: 'Deal', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: {
      ...{ amount: 'value', label: 'open, won or lost', happenedAt: 'opened', endedAt: 'closed' },
      details: 'the stage it is in, and whether it renews a contract',
    },
  },
  ticket: {
    ...{ title: 'Ticket', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { label: 'priority', happenedAt: 'opened', endedAt: 'closed' },
  },
  task: {
    ...{ title: 'Task', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { label: 'status', happenedAt: 'made', endedAt: 'done', details: 'when it has to be done' },
  },
  note: {
    ...{ title: 'Note', shape: 'STATE', systems: ['HUBSPOT'] },
    holds: { happenedAt: 'written' },
  },
  rfq: {
    ...{ title: 'Request for prices', shape: 'STATE', systems: ['C3'] },
    holds: { amount: 'value', label: 'status', happenedAt: 'asked' },
  },
  order: {
    ...{ title: 'Order', shape: 'STATE', systems: ['C3'] },
    holds: {
      amount: 'what all of it came to',
      label: 'SALE, or RETURN for what was given back',
      happenedAt: 'ordered',
      details: 'what was bought, by category, family and manufacturer',
    },
  },
  billing: {
    ...{ title: 'Billing account', shape: 'STATE', systems: ['WARP'] },
    holds: { amount: 'monthly revenue', label: 'payment status', happenedAt: 'opened' },
  },
  'account-status': {
    ...{ title: 'Status of a billing account', shape: 'STATE', systems: ['WARP'] },
    holds: {
      ...{ label: 'ACTIVE, SUSPENDED or CHURNED', endedAt: 'closed' },
      details: 'the day on which its contract ends',
    },
  },
  trunk: {
    ...{ title: 'Trunk', shape: 'STATE', systems: ['WARP'] },
    holds: { amount: 'calls at once', label: 'status' },
  },
  invoice: {
    ...{ title: 'Invoice', shape: 'STATE', systems: ['WARP'] },
    holds: {
      amount: 'total',
      label: 'ISSUED, PAID or OVERDUE',
      happenedAt: 'issued',
      endedAt: 'paid',
      details: 'the day on which it has to be paid',
    },
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
  payment: {
    ...{ title: 'Payment', shape: 'EVENT', systems: ['PAYPAL'] },
    holds: {
      amount: 'what was paid, or was to be',
      label: 'COMPLETED, FAILED or REFUNDED',
      happenedAt: 'paid, refused or given back',
    },
    sending: { ...MONEY, labels: ['COMPLETED', 'FAILED', 'REFUNDED'] },
  },
  seats: {
    ...{ title: 'Seats of a subscription', shape: 'STATE', systems: ['PAX8', 'MICROSOFT365'] },
    holds: { amount: 'seats', label: 'ACTIVE or CANCELLED', happenedAt: 'since when' },
    sending: { units: ['seats'], amount: COUNT, labels: ['ACTIVE', 'CANCELLED'] },
  },
  devices: {
    ...{ title: 'Devices managed', shape: 'STATE', systems: ['NINJAONE'] },
    holds: { amount: 'devices', happenedAt: 'since when' },
    sending: { units: ['devices'], amount: COUNT },
  },
  'unhealthy-devices': {
    ...{ title: 'Devices that are not well', shape: 'STATE', systems: ['NINJAONE'] },
    holds: { amount: 'devices', happenedAt: 'since when' },
    sending: { units: ['devices'], amount: COUNT },
  },
  meeting: {
    ...{ title: 'Meeting', shape: 'EVENT', systems: ['MICROSOFT365'] },
    holds: { amount: 'minutes', happenedAt: 'began' },
    sending: { units: ['minutes'], amount: { least: 0, most: 1440 } },
  },
  satisfaction: {
    ...{ title: 'What somebody says of us', shape: 'EVENT', systems: ['NINJAONE', 'EMAIL', 'WEB'] },
    holds: { amount: '0 (not content at all) to 100', happenedAt: 'said' },
    sending: { units: ['percent'], amount: { least: 0, most: 100 } },
  },
  news: {
    ...{ title: 'News of a company', shape: 'EVENT', systems: ['WEB'] },
    holds: {
      amount: 'money that it is about',
      label: 'HIRING, FUNDING, EXPANSION, LEADERSHIP or PRODUCT',
      happenedAt: 'published',
      details: 'what was written, as data',
    },
    sending: {
      ...{ ...MONEY, amount: { ...MONEY.amount, isOptional: true }, hasText: true },
      labels: ['HIRING', 'FUNDING', 'EXPANSION', 'LEADERSHIP', 'PRODUCT'],
    },
  },
  'mails-sent': {
    ...{ title: 'Mails sent', shape: 'DAILY', systems: ['EMAIL', 'MICROSOFT365'] },
    holds: { amount: 'mails that we sent on the day' },
    sending: { units: ['mails'], amount: COUNT },
  },
  'mails-answered': {
    ...{ title: 'Mails answered', shape: 'DAILY', systems: ['EMAIL', 'MICROSOFT365'] },
    holds: { amount: 'mails of ours that were answered on the day' },
    sending: { units: ['mails'], amount: COUNT },
  },
  'web-visits': {
    ...{ title: 'Visits of our pages', shape: 'DAILY', systems: ['WEB'] },
    holds: { amount: 'visits on the day' },
    sending: { units: ['visits'], amount: COUNT },
  },
} as const satisfies Record<string, Kind>

type Kinds = typeof signalKinds
type Of<S extends SignalShape> = { [K in keyof Kinds]: Kinds[K]['shape'] extends S ? K : never }[keyof Kinds]

/** The same, for whoever goes through them. */
export const kindOf = (name: string): Kind | undefined =>
  Object.hasOwn(signalKinds, name) ? signalKinds[name as keyof Kinds] : undefined

/** Kinds of which each record has one fact. */
export type SignalKind = Of<'STATE' | 'EVENT'>
/** Kinds of which each account has a fact for every day. */
export type SeriesKind = Of<'DAILY'>
