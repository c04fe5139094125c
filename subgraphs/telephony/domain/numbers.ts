/**
 * The life of a telephone number, as tables.
 *
 * in use    an account has it, or it is on its way to that account: nobody else can be given it
 * over      given back or taken along to another carrier; what is given out again is another entry
 * RespOrg   who says where the calls to a toll-free number go
 */
export const NUMBER_MOVES = {
  PORTING_IN: ['ACTIVE', 'RELEASED'],
  ACTIVE: ['PORTING_OUT', 'RELEASED'],
  PORTING_OUT: ['PORTED_OUT', 'ACTIVE', 'RELEASED'],
  PORTED_OUT: [],
  RELEASED: [],
} as const
export type NumberStatus = keyof typeof NUMBER_MOVES
export type NumberOrigin = 'PURCHASED' | 'PORTED'

const statuses = Object.keys(NUMBER_MOVES) as NumberStatus[]
const goesTo = (from: NumberStatus): readonly NumberStatus[] => NUMBER_MOVES[from]

/** The states of numbers that somebody has or waits for: from which something can still come. */
export const IN_USE: readonly NumberStatus[] = statuses.filter((status) => goesTo(status).length > 0)

export const isInUse = ({ status }: { status: NumberStatus }): boolean => IN_USE.includes(status)

/** To what the responsibility for a toll-free number can go. */
export const RESP_ORG_MOVES = {
  NONE: ['PENDING'],
  PENDING: ['ACTIVE', 'NONE'],
  ACTIVE: ['NONE'],
} as const
export type RespOrgStatus = keyof typeof RESP_ORG_MOVES

export const mayBecome = (from: RespOrgStatus, to: RespOrgStatus): boolean =>
  (RESP_ORG_MOVES[from] as readonly RespOrgStatus[]).includes(to)

/** How much emergency services know of where a number calls from. */
export type EmergencyStatus = 'NONE' | 'PENDING' | 'REGISTERED' | 'REJECTED'

/** What a number's life decides about it. */
export interface NumberLife {
  status: NumberStatus
  origin: NumberOrigin
  trunkId: string | null
  respOrg: RespOrgStatus
  createdAt: Date
  portedAt: Date | null
  releasedAt: Date | null
  e911Status: EmergencyStatus
  /** Sealed. */
  e911Address: string | null
  e911Hash: string | null
  e911Reason: string | null
}

/** Nothing is known of where it calls from. */
export const NO_ADDRESS = {
  e911Status: 'NONE',
  e911Address: null,
  e911Hash: null,
  e911Reason: null,
} as const

/**
 * A number that goes on in its life. One that is over has no trunk any more, and where it stood is forgotten.
 * @throws Error when it does not go there: who asks has looked
 */
export const moveNumber = <N extends NumberLife>(number: N, to: NumberStatus, at: Date): N => {
  if (!goesTo(number.status).includes(to))
    throw new Error(`a number does not go from ${number.status} to ${to}`)
  if (goesTo(to).length === 0)
    return { ...number, ...NO_ADDRESS, status: to, trunkId: null, respOrg: 'NONE', releasedAt: at }
  return { ...number, status: to, portedAt: number.status === 'PORTING_IN' ? at : number.portedAt }
}

/** Since when its account has it; null while it is on its way, and when it never came. */
export const acquiredAt = ({ origin, createdAt, portedAt }: NumberLife): Date | null =>
  origin === 'PURCHASED' ? createdAt : portedAt

/** The most numbers that are bought, moved or used for a campaign at once. */
export const MOST_NUMBERS = 100

const MOST_CNAM = 15
// What carriers store of a name, at the least: Flowroute's "CNAM Storage Rules" ask for up to 15 characters with a letter among them;
// of the signs that it allows those are taken that others do not drop.
const CNAM = /^[A-Za-z0-9 .,&'-]*$/

/** What is wrong with the name that a number shows; null when nothing is. */
export const flawInCnam = (cnam: string): string | null => {
  if (cnam.length > MOST_CNAM) return `must have at most ${MOST_CNAM} characters`
  if (!CNAM.test(cnam)) return "may hold letters from A to Z, digits, spaces and . , & - '"
  return /[A-Za-z]/.test(cnam) ? null : 'needs a letter: it is a name'
}
