import { createHash } from 'node:crypto'
import { isId } from '#kernel/ids.ts'
import { type Fault, fault } from './fault.ts'
import { READS, SCOPES, spelt } from './roles.ts'

/** A key as it is kept: by its hash only. */
export interface NewKey {
  /** The key itself. Shown once, never kept. */
  secret: string
  /** Its first characters, to recognise it by. */
  prefix: string
  hash: Buffer
}

const SHOWN = 12

/**
 * Makes a key of chance.
 * @param random at least 32 random bytes: chance is an input
 */
export const keyFrom = (random: Buffer): NewKey => {
  const secret = `hub_${random.toString('base64url')}`
  return { secret, prefix: secret.slice(0, SHOWN), hash: hashOf(secret) }
}

/** By what a key is found. Plain SHA-256 is enough: nobody guesses 256 random bits, so there is nothing to slow down. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** What a key is to be. */
export interface KeyWish {
  name: string
  scopes: readonly string[]
  expiresAt: Date | null
  /** Null: all customers of the organisation. */
  customerIds: readonly string[] | null
}

const LONGEST_NAME = 100
const MOST_CUSTOMERS = 500

/** What is wrong with a wish for a key; null when nothing is. Nobody hands out a key to more than they may do themselves. */
export const checkKey = (wish: KeyWish, maker: { scopes: readonly string[] }, now: Date): Fault | null => {
  const length = wish.name.trim().length
  if (length === 0 || length > LONGEST_NAME)
    return fault('name', `Give the key a name of 1 to ${LONGEST_NAME} characters.`)
  if (wish.scopes.length === 0) return fault('scopes', 'Say what the key may do: name at least one scope.')
  const unknown = wish.scopes.find((scope) => !SCOPES.some((known) => known === scope))
  if (unknown !== undefined)
    return fault('scopes', `There is no such scope. Use some of ${SCOPES.join(', ')}.`)
  const own = spelt(maker.scopes)
  const beyond = wish.scopes.find((scope) => !own.includes(scope))
  if (beyond !== undefined)
    return fault('scopes', `You may not do ${beyond} yourself, so your key cannot.`, 'BEYOND_YOURS')
  if (wish.expiresAt && wish.expiresAt <= now)
    return fault('expiresAt', 'Choose a moment that is still to come.')
  return checkCustomers(wish)
}

const checkCustomers = ({ customerIds, scopes }: KeyWish): Fault | null => {
  if (customerIds === null) return null
  if (customerIds.length === 0 || customerIds.length > MOST_CUSTOMERS || !customerIds.every(isId))
    return fault('customerIds', `Name 1 to ${MOST_CUSTOMERS} customers by their ids, or leave it out.`)
  const beyond = scopes.find((scope) => !READS.some((read) => read === scope))
  return beyond === undefined
    ? null
    : fault('scopes', `A key for some customers may only read: use some of ${READS.join(', ')}.`)
}

/** Whether a key works. */
export type KeyState = 'ACTIVE' | 'EXPIRED' | 'REVOKED'

export const stateOf = (key: { revokedAt: Date | null; expiresAt: Date | null }, now: Date): KeyState => {
  if (key.revokedAt) return 'REVOKED'
  return key.expiresAt && key.expiresAt <= now ? 'EXPIRED' : 'ACTIVE'
}

/** When a key was used, to the hour. */
export const hourOf = (at: Date): Date => new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000)
