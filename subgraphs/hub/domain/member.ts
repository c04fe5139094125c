/**
 * person     somebody as the identity provider knows them: their subject
 * member     a person, or whoever joins by an invitation, in one organisation
 * vouched    roles that the provider names for a person, in a token or when they sign in
 */
import { z } from 'zod'
import { EVERYTHING, ROLES, type Role, rolesAmong, scopesOf, spelt } from '#schema/roles.ts'
import { type Fault, fault } from './fault.ts'

export type MemberState = 'VOUCHED' | 'INVITED' | 'ACTIVE' | 'REMOVED'

export interface MemberRow {
  id: string
  personId: string | null
  name: string
  sealedEmail: string | null
  roles: Role[]
  state: MemberState
  invitedByKind: 'user' | 'key' | 'system' | null
  invitedById: string | null
  invitedAt: Date | null
  invitedUntil: Date | null
  joinedAt: Date | null
  removedAt: Date | null
  version: number
}

/** For how long somebody may join by an invitation. */
export const INVITED_FOR_MS = 14 * 86_400_000

const LONGEST_NAME = 200
const LONGEST_PERSON = 200
const email = z.email().max(254)

/** An e-mail address as it is compared; null when it is none. */
export const emailAs = (text: string): string | null => {
  const plain = text.normalize('NFKC').trim().toLowerCase()
  return email.safeParse(plain).success ? plain : null
}

export const NO_EMAIL: Fault = fault('email', 'Give an e-mail address, such as name@company.example.')

/** What is wrong with roles that somebody wants to give. Nobody lets others do more than they may themselves. */
export const checkRoles = (roles: readonly Role[], giver: { scopes: readonly string[] }): Fault | null => {
  if (roles.length === 0) return fault('roles', `Name at least one role: ${ROLES.join(', ')}.`)
  const given = scopesOf(roles)
  const own = giver.scopes.includes(EVERYTHING)
  return own || given.every((scope) => giver.scopes.includes(scope))
    ? null
    : fault('roles', 'A role allows what you may not do yourself, so you cannot give it.', 'BEYOND_YOURS')
}

export const checkName = (name: string): Fault | null =>
  name.trim().length > 0 && name.trim().length <= LONGEST_NAME
    ? null
    : fault('name', `Give a name of 1 to ${LONGEST_NAME} characters.`)

export const checkPerson = (personId: string): Fault | null =>
  personId.trim().length > 0 && personId.length <= LONGEST_PERSON
    ? null
    : fault('personId', 'Give the id by which the identity provider knows the person.')

/** Each role once, in the order in which roles are listed. */
export const inOrder = (roles: readonly Role[]): Role[] => rolesAmong(roles)

export const hasRoles = (member: Pick<MemberRow, 'roles'>, roles: readonly Role[]): boolean =>
  inOrder(member.roles).join() === inOrder(roles).join()

/** Whether the organisation would be without an administrator of its own, if this member had other roles, or none. */
export const leavesNoAdmin = (
  member: Pick<MemberRow, 'id' | 'state'>,
  next: readonly Role[],
  admins: readonly string[],
): Fault | null =>
  member.state === 'ACTIVE' && !next.includes('ADMIN') && admins.length === 1 && admins[0] === member.id
    ? fault('id', 'An organisation keeps one administrator. Make somebody else one first.', 'LAST_ADMIN')
    : null

/** What somebody may do. */
export interface Rights {
  roles: Role[]
  scopes: string[]
}

/**
 * What a person may do: what both the organisation and the identity provider allow. Where only one of them has spoken, its word
 * counts; whom the organisation has removed or merely invited may do nothing.
 * @param vouched null: the provider names no roles
 */
export const rightsOf = (
  member: Pick<MemberRow, 'state' | 'roles'> | undefined,
  vouched: readonly Role[] | null,
): Rights | null => {
  if (member && member.state !== 'ACTIVE' && member.state !== 'VOUCHED') return null
  const decided = member?.state === 'ACTIVE' ? member.roles : null
  const scopes = both(decided && scopesOf(decided), vouched && scopesOf(vouched))
  return scopes.length > 0
    ? { scopes, roles: rolesWithin(scopes, [...(decided ?? []), ...(vouched ?? [])]) }
    : null
}

const both = (one: readonly string[] | null, other: readonly string[] | null): string[] => {
  if (!one || !other) return [...(one ?? other ?? [])]
  if (one.includes(EVERYTHING)) return [...other]
  return other.includes(EVERYTHING) ? [...one] : one.filter((scope) => other.includes(scope))
}

/** Those roles among some that allow nothing beyond these scopes. */
export const rolesWithin = (scopes: readonly string[], roles: readonly Role[]): Role[] => {
  const own = new Set(spelt(scopes))
  return inOrder(roles).filter((role) => spelt(scopesOf([role])).every((scope) => own.has(scope)))
}

/** The place that an address is sealed for. */
export const placeOfEmail = (orgId: string, memberId: string): string => `${orgId} member ${memberId}`

/** By what people are found before any organisation is known. */
export const personMark = (personId: string): string => `person ${personId}`
export const emailMark = (plain: string): string => `email ${plain}`
export const MARKS = 'members'
