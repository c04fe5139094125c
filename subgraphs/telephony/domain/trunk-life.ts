import type { AccountStatus, MovingTrunk, TrunkStatus } from './account-life.ts'

/** To what a trunk goes from where it is. PENDING waits for its first addresses: they alone make it ACTIVE. */
export const TRUNK_MOVES: Readonly<Record<TrunkStatus, readonly TrunkStatus[]>> = {
  PENDING: ['ACTIVE', 'SUSPENDED', 'DELETED'],
  ACTIVE: ['SUSPENDED', 'DELETED'],
  SUSPENDED: ['PENDING', 'ACTIVE', 'DELETED'],
  DELETED: [],
}

interface AddressedTrunk extends MovingTrunk {
  name: string
  ipAddresses: readonly string[]
}

/** To what this trunk can go: without addresses it waits for them, with addresses it carries calls. */
export const nextTrunkStatuses = ({
  status,
  ipAddresses,
}: Pick<AddressedTrunk, 'status' | 'ipAddresses'>): TrunkStatus[] => {
  const not = ipAddresses.length === 0 && status === 'SUSPENDED' ? 'ACTIVE' : 'PENDING'
  return TRUNK_MOVES[status].filter((next) => next !== not)
}

/** Why a trunk does not go where it is wanted. */
export interface TrunkMoveRefusal {
  __typename: 'TrunkMoveRefused'
  code: 'TRUNK_MOVE_NOT_ALLOWED' | 'ACCOUNT_NOT_ACTIVE'
  message: string
  status: TrunkStatus | null
  allowed: TrunkStatus[]
}

export type TrunkMove = 'SUSPEND' | 'REACTIVATE' | 'DELETE'

/** Whether a trunk may be set up, or go on, while its account stands so. */
export const accountRefusal = (
  accountStatus: AccountStatus,
  trunk: AddressedTrunk | null,
): TrunkMoveRefusal | undefined => {
  if (accountStatus === 'ACTIVE') return undefined
  const allowed = trunk
    ? nextTrunkStatuses(trunk).filter((next) => next !== 'ACTIVE' && next !== 'PENDING')
    : []
  return {
    __typename: 'TrunkMoveRefused',
    code: 'ACCOUNT_NOT_ACTIVE',
    message:
      accountStatus === 'SUSPENDED'
        ? 'The account is SUSPENDED. Reactivate it first.'
        : 'The account was closed for good. Open a new one.',
    status: trunk?.status ?? null,
    allowed,
  }
}

/** A trunk once it has moved, or why it does not. Pure. */
export const moveTrunk = <T extends AddressedTrunk>(
  trunk: T,
  move: TrunkMove,
  accountStatus: AccountStatus,
): T | TrunkMoveRefusal => {
  const going = { ...trunk, suspendedWithAccount: false }
  if (move === 'DELETE' && trunk.status !== 'DELETED') return { ...going, status: 'DELETED' }
  if (move === 'SUSPEND' && TRUNK_MOVES[trunk.status].includes('SUSPENDED'))
    return { ...going, status: 'SUSPENDED' }
  if (move === 'REACTIVATE' && trunk.status === 'SUSPENDED')
    return (
      accountRefusal(accountStatus, trunk) ?? {
        ...going,
        status: trunk.ipAddresses.length > 0 ? 'ACTIVE' : 'PENDING',
      }
    )
  return trunkRefusal(trunk)
}

/** A trunk that waited for addresses and has some. While its account stands still it goes on with it. Pure. */
export const withAddresses = <T extends AddressedTrunk>(
  trunk: T,
  ipAddresses: string[],
  accountStatus: AccountStatus,
): T => {
  const begins = trunk.status === 'PENDING' && ipAddresses.length > 0
  if (!begins) return { ...trunk, ipAddresses }
  return accountStatus === 'ACTIVE'
    ? { ...trunk, ipAddresses, status: 'ACTIVE' }
    : { ...trunk, ipAddresses, status: 'SUSPENDED', suspendedWithAccount: true }
}

/** That a trunk does not go where it is wanted. */
export const trunkRefusal = (trunk: AddressedTrunk): TrunkMoveRefusal => {
  const allowed = nextTrunkStatuses(trunk)
  const { name, status } = trunk
  return {
    __typename: 'TrunkMoveRefused',
    code: 'TRUNK_MOVE_NOT_ALLOWED',
    message:
      status === 'DELETED'
        ? `Trunk ${name} was taken down for good. Set up a new one.`
        : status === 'PENDING'
          ? `Trunk ${name} waits for its addresses: it becomes ACTIVE once it has some.`
          : `Trunk ${name} is ${status} and becomes only ${allowed.join(' or ')}. Read it again and decide anew.`,
    status,
    allowed,
  }
}
