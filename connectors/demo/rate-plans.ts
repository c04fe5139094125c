import type { BillingAccount } from './telephony.ts'

/** What accounts of a tier pay. */
export interface DemoRatePlan {
  tier: BillingAccount['tier']
  name: string
  /** US dollars. */
  monthlyFee: string
  includedMinutes: number
  /** What a minute costs by where the call goes, and from how many minutes on it costs less. */
  minutes: Record<UsageClass, string>
  manyMinutes: { from: number; price: string }
  message: string
  number: { local: string; tollfree: string; mobile: string }
}
type UsageClass = 'LOCAL' | 'TOLLFREE' | 'MOBILE' | 'INTERNATIONAL'

/** The rate plans of the demo, one for each tier. The larger one orders, the less a minute costs. */
export const DEMO_RATE_PLANS: readonly DemoRatePlan[] = [
  {
    ...{ tier: 'starter', name: 'Starter 2026', monthlyFee: '149', includedMinutes: 5_000 },
    minutes: { LOCAL: '0.0098', TOLLFREE: '0.0195', MOBILE: '0.0245', INTERNATIONAL: '0.089' },
    ...{ manyMinutes: { from: 20_000, price: '0.0085' }, message: '0.0079' },
    number: { local: '1.00', tollfree: '2.00', mobile: '1.50' },
  },
  {
    ...{ tier: 'growth', name: 'Growth 2026', monthlyFee: '590', includedMinutes: 25_000 },
    minutes: { LOCAL: '0.0085', TOLLFREE: '0.0175', MOBILE: '0.0215', INTERNATIONAL: '0.079' },
    ...{ manyMinutes: { from: 100_000, price: '0.0072' }, message: '0.0069' },
    number: { local: '0.90', tollfree: '1.80', mobile: '1.35' },
  },
  {
    ...{ tier: 'enterprise', name: 'Enterprise 2026', monthlyFee: '2400', includedMinutes: 120_000 },
    minutes: { LOCAL: '0.0069', TOLLFREE: '0.0149', MOBILE: '0.0185', INTERNATIONAL: '0.0655' },
    ...{ manyMinutes: { from: 500_000, price: '0.005475' }, message: '0.0055' },
    number: { local: '0.75', tollfree: '1.50', mobile: '1.10' },
  },
]
