/** What a new customer gets who has ordered nothing more particular yet: enough to begin with, and a salesperson changes it in a moment. */
import { createHash } from 'node:crypto'
import type { NewAccount, NewTrunk } from './asset.ts'
import { makeBan } from './ban.ts'

type Tier = NewAccount['tier']

/** Calls at once and minutes a month of a first trunk: an office of ten, of forty, and a contact center. */
const FIRST_TRUNK: Readonly<Record<Tier, Pick<NewTrunk, 'concurrentCalls' | 'monthlyMinutes'>>> = {
  STARTER: { concurrentCalls: 10, monthlyMinutes: 20_000 },
  GROWTH: { concurrentCalls: 40, monthlyMinutes: 80_000 },
  ENTERPRISE: { concurrentCalls: 150, monthlyMinutes: 300_000 },
}

/** The first trunk of an account. It waits for its addresses: nobody but the customer knows them. */
export const firstTrunk = (tier: Tier): NewTrunk => ({
  ...{ name: 'Main', ipAddresses: [], codecs: ['PCMU', 'PCMA'] },
  ...FIRST_TRUNK[tier],
})

/** The first account of a customer: the smallest tier, nothing to pay yet, and no credit limit agreed. */
export const firstAccount = (customer: {
  id: string
  ban: string
  name: string
  domain: string | null
}): NewAccount => ({
  ...{ ban: customer.ban, openedFor: customer.id, domain: customer.domain },
  // Names in HubSpot may be longer, or empty.
  name: customer.name.trim().slice(0, 200) || `Customer ${customer.ban}`,
  ...{ status: 'ACTIVE', tier: 'STARTER', mrr: '0', currency: 'USD', contractEnd: null },
  ...{ paymentTerms: 'NET30', paymentMethod: 'ACH', paymentStatus: 'CURRENT' },
  ...{ apiEnabled: false, smsEnabled: false, trunks: [], numbers: [] },
})

const BANS = 900_000_000
const CHOICES = 8

/** Numbers for an onboarding's account, the same each time: the first is taken unless somebody has it. Eight in use by chance are less likely than a bad disk. */
export const bansFor = (onboardingId: string): string[] =>
  Array.from({ length: CHOICES }, (_, n) => {
    const hash = createHash('sha256').update(`${onboardingId} ${n}`).digest()
    return makeBan(Number(hash.readBigUInt64BE() % BigInt(BANS)))
  })
