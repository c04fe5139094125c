/**
 * estate  a billing account with its trunks, those that were taken down left out: what is decided about the one follows for the others
 */
export const ACCOUNT_STATUSES = ['ACTIVE', 'SUSPENDED', 'CHURNED'] as const
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]
export type TrunkStatus = 'PENDING' | 'ACTIVE' | 'SUSPENDED' | 'DELETED'
export type SuspensionReason = 'NOT_PAID' | 'ABUSE' | 'ON_REQUEST' | 'OTHER'

/** To what an account goes from where it is. Whoever has left and comes back gets a new account: the old one's numbers and bills have ended. */
export const ACCOUNT_MOVES: Readonly<Record<AccountStatus, readonly AccountStatus[]>> = {
  ACTIVE: ['SUSPENDED', 'CHURNED'],
  SUSPENDED: ['ACTIVE', 'CHURNED'],
  CHURNED: [],
}

/** What moves of an account. */
export interface MovingAccount {
  ban: string
  status: AccountStatus
  suspendedBecause: SuspensionReason | null
  closedAt: Date | null
}

/** How an account stood when a moment was there that is past; undefined before it was opened. Pure. */
export const stoodAt = (
  { status, createdAt, closedAt }: Pick<MovingAccount, 'status' | 'closedAt'> & { createdAt: Date },
  at: Date,
): AccountStatus | undefined => {
  if (createdAt >= at) return undefined
  if (status !== 'CHURNED') return status
  return (closedAt ?? createdAt) < at ? 'CHURNED' : 'ACTIVE'
}

/** What moves of a trunk with its account. */
export interface MovingTrunk {
  status: TrunkStatus
  suspendedWithAccount: boolean
}

export interface Estate<A, T> {
  account: A
  trunks: readonly T[]
}

/** Why an account does not go where it is wanted. */
export interface AccountMoveRefusal {
  __typename: 'AccountMoveRefused'
  code: 'ACCOUNT_MOVE_NOT_ALLOWED'
  message: string
  status: AccountStatus
  allowed: AccountStatus[]
}

/** Where an account shall go. */
export type AccountMove =
  | { to: 'SUSPENDED'; because: SuspensionReason }
  | { to: 'ACTIVE' }
  | { to: 'CHURNED'; at: Date }

/**
 * An account with its trunks once it has moved: stopping it stops the trunks that carry calls, letting it go on lets just those go on,
 * closing it takes all of them down. Or why it does not move. Pure.
 */
export const moveAccount = <A extends MovingAccount, T extends MovingTrunk>(
  estate: Estate<A, T>,
  move: AccountMove,
): Estate<A, T> | AccountMoveRefusal => {
  const { account, trunks } = estate
  const allowed = ACCOUNT_MOVES[account.status]
  if (!allowed.includes(move.to)) return refusal(account, allowed)
  return {
    account: {
      ...account,
      status: move.to,
      suspendedBecause: move.to === 'SUSPENDED' ? move.because : null,
      closedAt: move.to === 'CHURNED' ? move.at : null,
    },
    trunks: trunks.map((trunk) => ({ ...trunk, ...trunkOf(move.to, trunk) })),
  }
}

/** What becomes of a trunk when its account moves. */
const trunkOf = (to: AccountStatus, trunk: MovingTrunk): MovingTrunk => {
  if (to === 'CHURNED') return { status: 'DELETED', suspendedWithAccount: false }
  if (to === 'SUSPENDED' && trunk.status === 'ACTIVE')
    return { status: 'SUSPENDED', suspendedWithAccount: true }
  if (to === 'ACTIVE' && trunk.suspendedWithAccount) return { status: 'ACTIVE', suspendedWithAccount: false }
  return { status: trunk.status, suspendedWithAccount: trunk.suspendedWithAccount }
}

const refusal = ({ ban, status }: MovingAccount, allowed: readonly AccountStatus[]): AccountMoveRefusal => ({
  __typename: 'AccountMoveRefused',
  code: 'ACCOUNT_MOVE_NOT_ALLOWED',
  message:
    allowed.length > 0
      ? `Account ${ban} is ${status} and becomes only ${allowed.join(' or ')}. Read it again and decide anew.`
      : `Account ${ban} was closed for good. Open a new one.`,
  status,
  allowed: [...allowed],
})
