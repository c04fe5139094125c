import { idFrom } from '#kernel/ids.ts'
import { event } from '#schema/events.ts'
import type { EmergencyStatus, NumberLife, NumberOrigin, NumberStatus, RespOrgStatus } from './numbers.ts'

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
  closedAt: Date | null
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
  status: NumberStatus
  origin: NumberOrigin
  respOrg: RespOrgStatus
  e911Status: EmergencyStatus
  /** Sealed for its row. */
  e911Address: string | null
  e911Hash: string | null
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
    closedAt: account.closedAt?.toISOString() ?? null,
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

/** Numbers that an account has bought or given back at once, for whoever tells people of them as of one thing. */
export interface Together {
  id: string
  numbers: number
  types: ToldNumber['type'][]
}

/** How a number stood, undefined when it is new, and how it stands. */
interface Moved {
  before?: Pick<NumberLife, 'status'> | undefined
  after: Pick<ToldNumber, 'id' | 'ban' | 'type' | 'status'>
}

const deedOf = ({ before, after }: Moved): string | undefined => {
  if (!before) return after.status === 'ACTIVE' ? `${after.ban} bought` : undefined
  return before.status === 'ACTIVE' && after.status === 'RELEASED' ? `${after.ban} given back` : undefined
}

/** Which numbers of accounts were bought or given back together, by number. Pure. @param at when all of them moved */
export const movedTogether = (moved: readonly Moved[], at: Date): Map<string, Together> =>
  new Map(
    [...Map.groupBy(moved, deedOf)].flatMap(([deed, all]) => {
      if (deed === undefined || all.length < 2) return []
      const ids = all.map(({ after }) => after.id).sort()
      const id = idFrom('numbers together', deed, at.toISOString(), ...ids)
      const together = {
        id,
        numbers: ids.length,
        types: [...new Set(all.map(({ after }) => after.type))].sort(),
      }
      return ids.map((each) => [each, together] as const)
    }),
  )

/** Seals what a number is and where it stands, for whoever has the hub's keys. */
export type Sealing = (number: ToldNumber) => string

/**
 * A telephone number as others are told of it: by id; the number itself and its address sealed.
 * @param seal left out where the hub has no keys: then nobody is told what it is
 * @param together with which others it was bought or given back
 */
export const numberChanged = (
  number: ToldNumber,
  observedAt: Date,
  seal: Sealing | undefined,
  together?: Together,
) =>
  event('telephony.number.changed', number.ban, {
    numberId: number.id,
    ban: number.ban,
    trunkId: number.trunkId,
    type: number.type,
    capabilities: number.capabilities,
    monthlyCost: number.monthlyCost,
    status: number.status,
    origin: number.origin,
    e911: { status: number.e911Status, hash: number.e911Hash },
    ...(number.type === 'TOLLFREE' ? { respOrg: number.respOrg } : {}),
    ...(seal ? { sealed: seal(number) } : {}),
    ...(together ? { together } : {}),
    createdAt: number.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
  })
