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
  currency: string
  tier: string
  createdAt: string
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
}

export type Sighting =
  | { subject: 'ACCOUNT'; id: string; at: string; state: AccountState }
  | { subject: 'TRUNK'; id: string; at: string; state: TrunkState }
  | { subject: 'NUMBER'; id: string; at: string; state: NumberState }

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
  const bought: (Sighting & { subject: 'NUMBER' })[] = []
  const known = (name: string) => now.get(name) ?? before.get(name)
  for (const seen of sightings) {
    const name = nameOf(seen)
    const was = known(name)
    if (was && was.at > seen.at) continue
    now.set(name, seen)
    if (seen.subject === 'ACCOUNT') happenings.push(...ofAccount(seen, was))
    else {
      const account = known(nameOf({ subject: 'ACCOUNT', id: seen.state.ban }))
      const isOpening =
        account?.subject === 'ACCOUNT' && account.state.createdAt === seen.state.createdAt && !was
      // What an account is opened with is part of its opening.
      if (isOpening) continue
      if (seen.subject === 'TRUNK') happenings.push(...ofTrunk(seen, was))
      else if (!was && seen.state.createdAt) bought.push(seen)
    }
  }
  for (const some of Map.groupBy(bought, ({ state }) => `${state.ban} ${state.createdAt}`).values())
    happenings.push(...purchase(some))
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
  if (Number(after.creditLimit) !== Number(before.creditLimit) || after.currency !== before.currency)
    happenings.push(
      happened('credit_limit_changed', {
        old_limit: before.creditLimit,
        new_limit: after.creditLimit,
        currency: after.currency,
      }),
    )
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

const purchase = (numbers: readonly (Sighting & { subject: 'NUMBER' })[]): Happening[] => {
  const [first] = numbers
  if (!first?.state.createdAt) return []
  const { ban, createdAt } = first.state
  const types = [...new Set(numbers.map(({ state }) => state.type.toLowerCase()))].sort().join(', ')
  const about = numbers.map(({ id }) => id).sort()[0] ?? ''
  const tokens = { ban, number_count: String(numbers.length), number_types: types }
  return [{ kind: 'numbers_purchased', ban, about, at: createdAt, tokens }]
}
