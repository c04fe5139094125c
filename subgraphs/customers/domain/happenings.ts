import { decimal } from '#kernel/money.ts'
import type { Tokens } from './timeline.ts'

/**
 * What has happened to accounts, trunks and numbers, found by comparing what is told with what was told before.
 *
 * sighting   how one of them stands, as a sibling tells it
 * happening  something that a timeline shows
 */
export interface AccountState {
  status: string
  creditLimit: string
  /** Of its amounts. */
  currency: string
  tier: string
  createdAt: string
  mrr?: string
  /** As `YYYY-MM-DD`. */
  contractEnd?: string | null
  paymentStatus?: string
  // Left out where nobody has told it yet.
  paymentTerms?: string
  paymentMethod?: string
  apiEnabled?: boolean
  smsEnabled?: boolean
}
/** Who sends an account's messages, at The Campaign Registry. */
export interface BrandState {
  ban: string
  tcrBrandId: string | null
  status: string
}
export interface TrunkState {
  ban: string
  name: string
  status: string
  concurrentCalls: number
  monthlyMinutes: number
  ipAddresses: readonly string[]
  partitionId: string | null
  /** Null where its sibling did not tell yet. */
  createdAt: string | null
}
export interface NumberState {
  ban: string
  type: string
  trunkId: string | null
  capabilities: readonly string[]
  monthlyCost: string | null
  /** What number it is, as it was told; null where its sibling did not tell. */
  sealed: string | null
  createdAt: string | null
  // Left out where nobody has told it yet.
  status?: string
  origin?: string
  e911?: { status: string; hash: string | null }
  respOrg?: string
}

/** Whether an account has a number: not one that is still on its way to it, was given back, or that another carrier has by now. */
export const isHeld = ({ status = 'ACTIVE' }: Pick<NumberState, 'status'>): boolean =>
  status === 'ACTIVE' || status === 'PORTING_OUT'

/** Numbers that were bought or given back at once: all of them, however few of them are told of at a time. */
export interface Together {
  id: string
  numbers: number
  types: readonly string[]
}

export type Sighting =
  | { subject: 'ACCOUNT'; id: string; at: string; state: AccountState }
  | { subject: 'TRUNK'; id: string; at: string; state: TrunkState }
  | { subject: 'NUMBER'; id: string; at: string; state: NumberState; together?: Together | undefined }
  | { subject: 'BRAND'; id: string; at: string; state: BrandState }

export interface Happening {
  kind: string
  ban: string
  /** What it happened to, and when: the same for the same happening, however often it is told. */
  about: string
  at: string
  tokens: Tokens
}

/** How things stood, by `nameOf`. */
export type Told = ReadonlyMap<string, Sighting>

/** The billing account that it is, or belongs to. */
export const banOf = (seen: Sighting): string => (seen.subject === 'ACCOUNT' ? seen.id : seen.state.ban)

export const nameOf = ({ subject, id }: Pick<Sighting, 'subject' | 'id'>): string => `${subject} ${id}`

/**
 * What has happened since: in the order of the sightings. What is told again, or late, makes nothing happen. Pure.
 * @returns how things stand after it, of those that were told anew
 */
export const happeningsIn = (
  before: Told,
  sightings: readonly Sighting[],
): { happenings: Happening[]; now: Map<string, Sighting> } => {
  const now = new Map<string, Sighting>()
  const happenings: Happening[] = []
  const bought: NumberSighting[] = []
  const released: NumberSighting[] = []
  const known = (name: string) => now.get(name) ?? before.get(name)
  for (const seen of sightings) {
    const name = nameOf(seen)
    const was = known(name)
    if (was && was.at > seen.at) continue
    now.set(name, seen)
    if (seen.subject === 'ACCOUNT') happenings.push(...ofAccount(seen, was))
    else if (seen.subject !== 'BRAND') {
      const account = known(nameOf({ subject: 'ACCOUNT', id: seen.state.ban }))
      const isOpening =
        account?.subject === 'ACCOUNT' && account.state.createdAt === seen.state.createdAt && !was
      // What an account is opened with is part of its opening.
      if (isOpening) continue
      if (seen.subject === 'TRUNK') happenings.push(...ofTrunk(seen, was))
      else if (!was && isBought(seen)) bought.push(seen)
      else if (was?.subject === 'NUMBER' && isReleased(was, seen)) released.push(seen)
      else if (was?.subject === 'NUMBER') happenings.push(...ofEmergency(seen, was))
    }
  }
  for (const some of Map.groupBy(
    bought,
    ({ state, together }) => together?.id ?? `${state.ban} ${state.createdAt}`,
  ).values())
    happenings.push(...purchase(some))
  for (const some of Map.groupBy(
    released,
    ({ state, at, together }) => together?.id ?? `${state.ban} ${at}`,
  ).values())
    happenings.push(...release(some))
  return { happenings, now }
}

// Within one millisecond something may change twice.
const markOf = ({ at, state }: Sighting): string => `${at} ${JSON.stringify(state)}`

const ofAccount = (seen: Sighting & { subject: 'ACCOUNT' }, was: Sighting | undefined): Happening[] => {
  const { id: ban, state, at } = seen
  const happened = (kind: string, tokens: Tokens = {}, about = markOf(seen)): Happening => ({
    ...{ kind, ban, about: `${ban} ${about}`, at, tokens: { ban, ...tokens } },
  })
  if (was?.subject !== 'ACCOUNT') {
    const { createdAt, tier } = state
    return [{ ...happened('account_created', { tier: tier.toLowerCase() }, 'opened'), at: createdAt }]
  }
  const happenings: Happening[] = []
  const [before, after] = [was.state, state]
  if (after.status === 'SUSPENDED' && before.status !== 'SUSPENDED')
    happenings.push(happened('account_suspended'))
  if (after.status === 'ACTIVE' && before.status === 'SUSPENDED')
    happenings.push(happened('account_reactivated'))
  if (decimal(after.creditLimit) !== decimal(before.creditLimit) || after.currency !== before.currency)
    happenings.push(
      happened('credit_limit_changed', {
        old_limit: before.creditLimit,
        new_limit: after.creditLimit,
        currency: after.currency,
      }),
    )
  // The first method that is told of is no change of it.
  const { paymentMethod } = after
  if (paymentMethod && before.paymentMethod && paymentMethod !== before.paymentMethod)
    happenings.push(happened('payment_method_updated', { payment_method: paymentMethod.toLowerCase() }))
  return happenings
}

const SHOWN = {
  name: 'name',
  status: 'status',
  concurrentCalls: 'concurrent calls',
  monthlyMinutes: 'monthly minutes',
} as const

const ofTrunk = (seen: Sighting & { subject: 'TRUNK' }, was: Sighting | undefined): Happening[] => {
  const { id, state, at } = seen
  const tokens = { trunk_id: id, trunk_name: state.name }
  const happened = (kind: string, more: Tokens = {}): Happening => ({
    ...{ kind, ban: state.ban, about: `${id} ${markOf(seen)}`, at, tokens: { ...tokens, ...more } },
  })
  if (was?.subject !== 'TRUNK')
    return state.createdAt && state.status !== 'DELETED'
      ? [{ ...happened('trunk_created'), about: id, at: state.createdAt }]
      : []
  if (was.state.status === 'DELETED') return []
  if (state.status === 'DELETED') return [{ ...happened('trunk_deleted'), about: id }]
  const changed = (Object.keys(SHOWN) as (keyof typeof SHOWN)[]).filter(
    (field) => was.state[field] !== state[field],
  )
  return changed.length > 0
    ? [happened('trunk_modified', { what_changed: changed.map((field) => SHOWN[field]).join(', ') })]
    : []
}

type NumberSighting = Sighting & { subject: 'NUMBER' }

/** One that is brought over from another carrier is told when it is here. */
const isBought = ({ state }: NumberSighting): boolean =>
  state.createdAt !== null && isHeld(state) && state.origin !== 'PORTED'

/** Whose order was cancelled never came: nothing is given back. */
const isReleased = (was: NumberSighting, { state }: NumberSighting): boolean =>
  state.status === 'RELEASED' && isHeld(was.state)

const ofEmergency = (seen: NumberSighting, was: NumberSighting): Happening[] => {
  const [before, after] = [was.state.e911, seen.state.e911]
  const isSame = before?.status === after?.status && before?.hash === after?.hash
  // Of one that was never told before nobody knows whether it is new; one that is gone has none.
  if (!before || !after || isSame || !isHeld(seen.state)) return []
  const about = `${seen.id} ${seen.at} ${after.status} ${after.hash}`
  const tokens = { e911_status: after.status.toLowerCase() }
  return [{ kind: 'e911_updated', ban: seen.state.ban, about, at: seen.at, tokens }]
}

/** What is told of in pieces is still one thing, and the first piece tells how many they are. */
const countOf = (numbers: readonly NumberSighting[]): string =>
  String(numbers[0]?.together?.numbers ?? numbers.length)
const nameOfAll = (numbers: readonly NumberSighting[]): string =>
  numbers[0]?.together?.id ?? numbers.map(({ id }) => id).sort()[0] ?? ''

const release = (numbers: readonly NumberSighting[]): Happening[] => {
  const [first] = numbers
  if (!first) return []
  const { ban } = first.state
  const about = `${nameOfAll(numbers)} ${first.at}`
  const tokens = { ban, number_count: countOf(numbers) }
  return [{ kind: 'numbers_released', ban, about, at: first.at, tokens }]
}

const purchase = (numbers: readonly NumberSighting[]): Happening[] => {
  const [first] = numbers
  if (!first?.state.createdAt) return []
  const { ban, createdAt } = first.state
  const types = first.together?.types ?? [...new Set(numbers.map(({ state }) => state.type))].sort()
  const kinds = types.map((type) => type.toLowerCase()).join(', ')
  const tokens = { ban, number_count: countOf(numbers), number_types: kinds }
  return [{ kind: 'numbers_purchased', ban, about: nameOfAll(numbers), at: createdAt, tokens }]
}
