import { event } from '#schema/events.ts'

/** What others are told of an account. */
export interface ToldAccount {
  ban: string
  name: string
  domain: string | null
  status: 'ACTIVE' | 'SUSPENDED' | 'CHURNED'
  tier: 'STARTER' | 'GROWTH' | 'ENTERPRISE'
  mrr: string
  creditLimit: string
  currency: string
  paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED'
  paymentTerms: string
  paymentMethod: 'CARD' | 'ACH' | 'WIRE'
  apiEnabled: boolean
  smsEnabled: boolean
  openedFor: string | null
  contractEnd: string | null
  createdAt: Date
}

export interface ToldTrunk {
  id: string
  ban: string
  name: string
  status: 'PENDING' | 'ACTIVE' | 'SUSPENDED' | 'DELETED'
  concurrentCalls: number
  allowedCalls: number
  monthlyMinutes: number
  ipAddresses: string[]
  codecs: string[]
  partitionId: string
  createdAt: Date
}

export interface ToldNumber {
  id: string
  ban: string
  trunkId: string | null
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  number: string
  cnam: string | null
  capabilities: ('VOICE' | 'SMS')[]
  monthlyCost: string
  createdAt: Date
}

/** An account as others are told of it. `observedAt` is when it came to be so. */
export const accountChanged = (account: ToldAccount, observedAt: Date) =>
  event('telephony.account.changed', account.ban, {
    ban: account.ban,
    name: account.name,
    domain: account.domain,
    status: account.status,
    tier: account.tier,
    mrr: { amount: account.mrr, currency: account.currency },
    creditLimit: { amount: account.creditLimit, currency: account.currency },
    paymentStatus: account.paymentStatus,
    paymentTerms: account.paymentTerms,
    paymentMethod: account.paymentMethod,
    apiEnabled: account.apiEnabled,
    smsEnabled: account.smsEnabled,
    openedFor: account.openedFor,
    contractEnd: account.contractEnd,
    createdAt: account.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
  })

/** A trunk as others are told of it. Keyed by account, so that it arrives after its account. */
export const trunkChanged = (trunk: ToldTrunk, observedAt: Date) =>
  event('telephony.trunk.changed', trunk.ban, {
    trunkId: trunk.id,
    ban: trunk.ban,
    name: trunk.name,
    status: trunk.status,
    concurrentCalls: trunk.concurrentCalls,
    allowedCalls: trunk.allowedCalls,
    monthlyMinutes: trunk.monthlyMinutes,
    codecs: trunk.codecs,
    ipAddresses: trunk.ipAddresses,
    partitionId: trunk.partitionId,
    createdAt: trunk.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
  })

/** Seals what a number is, for whoever has the hub's keys. */
export type Sealing = (number: ToldNumber) => string

/**
 * A telephone number as others are told of it: by id, and the number itself sealed.
 * @param seal left out where the hub has no keys: then nobody is told what it is
 */
export const numberChanged = (number: ToldNumber, observedAt: Date, seal: Sealing | undefined) =>
  event('telephony.number.changed', number.ban, {
    numberId: number.id,
    ban: number.ban,
    trunkId: number.trunkId,
    type: number.type,
    capabilities: number.capabilities,
    monthlyCost: number.monthlyCost,
    ...(seal ? { sealed: seal(number) } : {}),
    createdAt: number.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
  })
