/**
 * What companies are to say of the billing accounts that their customer has on WARP. Of several accounts a company says one thing:
 *
 * leading account   an active one before one that is suspended, that before one that is closed; of these the oldest
 * amount            added up where all are in the portal's currency; otherwise nothing is said: it would be another amount
 * standing          as somebody has to know who talks to them: active as long as one account is, and the worst of how they pay
 */
import Big from 'big.js'
import type { AccountState, BrandState } from './happenings.ts'

export interface AccountTold {
  ban: string
  state: AccountState
}

/** What the accounts of a customer have, counted. */
export interface HoldingsRow {
  trunks: number
  numbers: number
  /** What is said of emergency calls with its numbers, each once. */
  e911: readonly string[]
  /** Of the marks of all their places, in order; null without any. */
  e911_hash: string | null
  /** What is said of its toll-free numbers, each once. */
  resp_org: readonly string[]
}

/** What an account had used in its month by the end of the newest day that was told. */
export interface MonthRow {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  month_minutes: string
  month_spend: string | null
  currency: string | null
}

export interface AccountsOfCustomer {
  accounts: readonly AccountTold[]
  brands: readonly BrandState[]
  holdings: HoldingsRow
  usage: readonly MonthRow[]
  /** As `YYYY-MM`. What was used in earlier months counts no more. */
  month: string
}

/** Says it for a portal. Left out (undefined) is what nobody has told yet: the company goes on saying what it said. */
type Said = string | null | undefined
export type SaidOfAccounts = Said | ((portal: { currency: string | null }) => Said)

const STANDING = ['ACTIVE', 'SUSPENDED', 'CHURNED']
const TIERS = ['STARTER', 'GROWTH', 'ENTERPRISE']
const PAYING = ['CURRENT', 'PAST_DUE', 'SUSPENDED']
const E911 = ['NONE', 'REGISTERED', 'PENDING', 'REJECTED']
const RESP_ORG = ['NONE', 'ACTIVE', 'PENDING']

/** The one that stands farthest behind in a list. */
const last = (order: readonly string[], said: readonly string[]): string | undefined =>
  said
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
    .at(-1)
    ?.toLowerCase()

/** `1.5000` is 1.5 to whoever reads it. */
const plain = (amount: Big): string => amount.toFixed()

const sum = (amounts: readonly string[]): Big => amounts.reduce((all, each) => all.plus(each), new Big(0))

/** Amounts as a portal says them, whose amounts are all in its own currency. */
const together =
  (amounts: readonly { amount: string; currency: string }[]): SaidOfAccounts =>
  (portal) => {
    const isItsOwn = amounts.every(({ currency }) => currency === (portal.currency ?? 'USD'))
    return amounts.length > 0 && isItsOwn ? plain(sum(amounts.map(({ amount }) => amount))) : null
  }

/** Accounts, the leading one first. */
export const ranked = (accounts: readonly AccountTold[]): AccountTold[] =>
  accounts.toSorted(
    (a, b) =>
      STANDING.indexOf(a.state.status) - STANDING.indexOf(b.state.status) ||
      (a.state.createdAt < b.state.createdAt ? -1 : a.state.createdAt > b.state.createdAt ? 1 : 0) ||
      (a.ban < b.ban ? -1 : 1),
  )

const flag = (said: readonly (boolean | undefined)[]): Said => {
  const known = said.filter((each) => each !== undefined)
  return known.length === 0 ? undefined : String(known.includes(true))
}

const ofUsage = ({ usage, month }: AccountsOfCustomer): Record<string, SaidOfAccounts> => {
  if (usage.length === 0) return {}
  const now = usage.filter(({ day }) => day.startsWith(month))
  const spent = usage.flatMap(({ day, month_spend, currency }) =>
    month_spend === null || currency === null
      ? []
      : [{ amount: day.startsWith(month) ? month_spend : '0', currency }],
  )
  return {
    warp_mtd_minutes: plain(sum(now.map(({ month_minutes }) => month_minutes)).round(2)),
    warp_mtd_spend: together(spent),
  }
}

/** What companies of a customer with accounts are to say. Pure. */
export const accountProperties = (of: AccountsOfCustomer): Record<string, SaidOfAccounts> => {
  const { accounts, brands, holdings } = of
  const counted = {
    warp_trunk_count: String(holdings.trunks),
    warp_number_count: String(holdings.numbers),
    warp_e911_status: last(E911, holdings.e911),
    ...(holdings.e911.length > 0 ? { warp_e911_hash: holdings.e911_hash } : {}),
    warp_resporg_status: last(RESP_ORG, holdings.resp_org),
    ...ofUsage(of),
  }
  const [leading, ...others] = ranked(accounts)
  if (!leading) return counted
  const all = [leading, ...others].map(({ state }) => state)
  const live = all.filter(({ status }) => status !== 'CHURNED')
  const { state } = leading
  const paying = (live.length > 0 ? live : all).flatMap(({ paymentStatus }) => paymentStatus ?? [])
  const ends = live.flatMap(({ contractEnd }) => contractEnd ?? []).sort()
  const registered = brands.flatMap(({ tcrBrandId, status }) =>
    tcrBrandId !== null && status === 'REGISTERED' ? [tcrBrandId] : [],
  )
  return {
    ...counted,
    warp_ban: leading.ban,
    warp_status: state.status.toLowerCase(),
    warp_service_tier: last(
      TIERS,
      (live.length > 0 ? live : all).map(({ tier }) => tier),
    ),
    warp_mrr: together(
      live.flatMap(({ mrr, currency }) => (mrr === undefined ? [] : [{ amount: mrr, currency }])),
    ),
    warp_contract_end: ends[0] ?? (state.contractEnd === undefined ? undefined : null),
    warp_payment_terms: state.paymentTerms,
    warp_payment_method: state.paymentMethod?.toLowerCase(),
    warp_payment_status: last(PAYING, paying),
    warp_api_enabled: flag(live.map(({ apiEnabled }) => apiEnabled)),
    warp_sms_enabled: flag(live.map(({ smsEnabled }) => smsEnabled)),
    warp_tcr_brand_id: brands.length > 0 ? (registered.sort()[0] ?? null) : undefined,
  }
}

/**
 * How much the accounts may owe: what a company says of that itself is what holds, so it is said where it says nothing. Nothing at all is no
 * limit that anybody has agreed on: said to HubSpot, it would come back as one.
 */
export const creditLimit = (accounts: readonly AccountTold[]): SaidOfAccounts => {
  const [leading] = ranked(accounts)
  if (!leading) return undefined
  const { creditLimit: amount, currency } = leading.state
  const isAgreed = new Big(amount).gt(0)
  return (portal) =>
    isAgreed && (portal.currency ?? 'USD') === currency ? plain(new Big(amount)) : undefined
}

const WRITTEN = [
  ...['warp_ban', 'warp_status', 'warp_service_tier', 'warp_mrr', 'warp_contract_end', 'warp_payment_terms'],
  ...['warp_payment_method', 'warp_payment_status', 'warp_mtd_minutes', 'warp_mtd_spend', 'warp_trunk_count'],
  ...[
    'warp_number_count',
    'warp_api_enabled',
    'warp_sms_enabled',
    'warp_tcr_brand_id',
    'warp_resporg_status',
  ],
  ...['warp_e911_status', 'warp_e911_hash', 'warp_trunks', 'warp_numbers'],
] as const

/** What a company says of accounts once its customer has none any more. */
export const WITHOUT_ACCOUNTS: Readonly<Record<string, null>> = Object.fromEntries(
  WRITTEN.map((name) => [name, null]),
)
