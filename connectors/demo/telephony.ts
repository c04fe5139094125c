import { type Business, type Face, slug } from './business.ts'
import { usNumber } from './phone.ts'
import { KIND, Rng, share } from './random.ts'

/** What a business runs on the telephone network: one billing account with its trunks and numbers. */
export interface BillingAccount {
  business: number
  /** Billing account number. */
  ban: string
  name: string
  domain: string | null
  phone: string | null
  status: 'active' | 'suspended' | 'churned'
  tier: 'starter' | 'growth' | 'enterprise'
  /** US dollars, two decimals. */
  creditLimit: string
  mrr: string
  paymentTerms: 'NET15' | 'NET30' | 'NET45' | 'PREPAID'
  paymentStatus: 'current' | 'past_due' | 'suspended'
  /** Calendar day, YYYY-MM-DD. */
  contractEnd: string
  /** Epoch milliseconds. */
  openedAt: number
  /** Whether its programs use the platform's API. */
  api: boolean
  trunks: DemoTrunk[]
  numbers: DemoNumber[]
}

export interface DemoTrunk {
  trunkId: string
  name: string
  status: 'active' | 'disabled'
  ipAddresses: string[]
  concurrentCalls: number
  monthlyMinutes: number
  /** Best first. */
  codecs: ('PCMU' | 'PCMA' | 'G722' | 'G729' | 'OPUS')[]
}

export interface DemoNumber {
  /** E.164. */
  number: string
  kind: 'local' | 'tollfree'
  capabilities: ('voice' | 'sms')[]
  trunkId: string | null
  /** US dollars, two decimals. */
  monthlyCost: string
  /** Caller name shown, 15 characters at most. */
  cnam: string
  e911Address: string | null
}

/** One day of calls on a billing account. */
export interface DayOfUsage {
  minutes: number
  calls: number
  failedCalls: number
  messages: number
  /** US dollars, four decimals. */
  spend: string
}

const DAY_MS = 86_400_000
/** The larger the company, the newer its telephones. */
const CODECS = {
  starter: ['PCMU', 'PCMA'],
  growth: ['G722', 'PCMU', 'PCMA'],
  enterprise: ['OPUS', 'G722', 'PCMU', 'PCMA'],
} as const
const SITE_NAMES = ['Production', 'Failover', 'Contact center', 'Warehouse'] as const

/** Makes the billing account of a business. */
export const billingAccount = (seed: number, owner: Business, face: Face, anchor: number): BillingAccount => {
  const rng = new Rng(seed, KIND.account, owner.index)
  const gone = owner.story === 'churned'
  const tier = owner.employees > 1_500 ? 'enterprise' : owner.employees > 150 ? 'growth' : 'starter'
  const scale = { starter: 1, growth: 4, enterprise: 15 }[tier]
  const trunkCount = gone
    ? rng.int(0, 1)
    : Math.min(4, rng.int(0, 2) + (tier === 'starter' ? 0 : rng.int(0, 2)))
  // The first company is the one people look at first: it has everything.
  const trunks = Array.from(
    { length: owner.index === 0 ? 3 : trunkCount },
    (_, t): DemoTrunk => ({
      trunkId: `trunk_${owner.index * 4 + t + 1_000}`,
      name: `${SITE_NAMES[t]} SIP trunk`,
      status: gone || rng.chance(0.05) ? 'disabled' : 'active',
      ipAddresses: Array.from({ length: rng.int(1, 2) }, (_, i) => address(owner.index * 8 + t * 2 + i)),
      concurrentCalls: 10 * scale * rng.int(1, 4),
      monthlyMinutes: 20_000 * scale * rng.int(1, 5),
      codecs: [...CODECS[tier]],
    }),
  )
  const paymentStatus = gone
    ? 'suspended'
    : rng.chance(owner.story === 'troubled' ? 0.6 : 0.04)
      ? 'past_due'
      : 'current'
  return {
    business: owner.index,
    ban: banOf(owner.index),
    name: face.name,
    domain: face.domain,
    phone: face.phone,
    status: gone ? 'churned' : paymentStatus === 'past_due' && rng.chance(0.2) ? 'suspended' : 'active',
    tier,
    creditLimit: (2_500 * scale * rng.int(1, 4)).toFixed(2),
    mrr: gone ? '0.00' : (90 * scale * (1 + rng.next() * 3)).toFixed(2),
    paymentTerms: rng.weighted([
      ['NET30', 6],
      ['NET15', 2],
      ['NET45', 1],
      ['PREPAID', 1],
    ] as const),
    paymentStatus,
    contractEnd: new Date(anchor + rng.int(gone ? -400 : -20, gone ? -60 : 700) * DAY_MS)
      .toISOString()
      .slice(0, 10),
    openedAt: owner.knownSince + rng.int(5, 30) * DAY_MS,
    api: tier === 'enterprise',
    trunks,
    numbers: numbersOf(rng, owner, trunks, gone ? 0 : rng.int(1, 3 + 2 * Math.min(scale, 5))),
  }
}

/** The billing account number of the business at an index. */
export const banOf = (index: number): string => String(700_001 + index * 3)

// Nobody's real address: first the 131,072 for benchmarks (RFC 2544), then private ones (RFC 1918). No two trunks share one.
const address = (n: number): string => {
  const within = n - 131_072
  return within < 0
    ? `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
    : `10.${(within >> 16) & 255}.${(within >> 8) & 255}.${within & 255}`
}

const numbersOf = (rng: Rng, owner: Business, trunks: DemoTrunk[], count: number): DemoNumber[] =>
  Array.from({ length: count }, (_, n) => {
    const tollfree = n === 1 && rng.chance(0.4)
    return {
      number: usNumber(rng, tollfree ? '888' : undefined),
      kind: tollfree ? 'tollfree' : 'local',
      capabilities: rng.chance(0.5) ? ['voice', 'sms'] : ['voice'],
      trunkId: trunks.length === 0 ? null : trunks[n % trunks.length]!.trunkId,
      monthlyCost: tollfree ? '2.00' : '1.00',
      cnam: slug(owner.name).replaceAll('-', ' ').toUpperCase().slice(0, 15).trim(),
      e911Address: rng.chance(0.8) ? `${owner.street}, ${owner.city}, ${owner.state} ${owner.zip}` : null,
    }
  })

// How busy a business is, from its story and how many months ago it was.
const activity = (owner: Business, monthsAgo: number, month: number): number => {
  switch (owner.story) {
    case 'growing':
      return 1.6 * 0.93 ** monthsAgo
    case 'shrinking':
      return 0.5 * 1.08 ** Math.min(monthsAgo, 18)
    case 'churned':
      return monthsAgo < 3 ? 0 : 0.2 * Math.min(monthsAgo - 2, 5)
    case 'seasonal':
      return month >= 5 && month <= 8 ? 1.8 : 0.5
    default:
      return 1
  }
}

/**
 * What an account used on one day.
 * @param at any instant of that UTC day, epoch milliseconds
 */
export const usageOn = (
  seed: number,
  owner: Business,
  account: BillingAccount,
  at: number,
  anchor: number,
): DayOfUsage => {
  const day = Math.floor(at / DAY_MS)
  const date = new Date(day * DAY_MS)
  const capacity = account.trunks.reduce((sum, trunk) => sum + trunk.monthlyMinutes, 0)
  const weekend = date.getUTCDay() % 6 === 0 ? 0.25 : 1
  const busy = activity(owner, (anchor - at) / (30 * DAY_MS), date.getUTCMonth())
  const noise = 0.8 + 0.4 * share(seed, KIND.usage, owner.index, day)
  const minutes = at < account.openedAt ? 0 : Math.round((capacity / 30) * 0.35 * weekend * busy * noise)
  const calls = Math.round(minutes / 3.2)
  const failing = owner.story === 'troubled' ? 0.22 : 0.03
  return {
    minutes,
    calls,
    failedCalls: Math.round(calls * failing * (0.5 + share(seed, KIND.usage, owner.index, -day))),
    messages: Math.round(minutes * 0.1 * noise),
    spend: (minutes * 0.0085).toFixed(4),
  }
}
