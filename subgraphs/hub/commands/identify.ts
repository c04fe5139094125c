import { Forbidden, Unauthenticated } from '#kernel/errors.ts'
import type { Principal } from '#kernel/principal.ts'
import { type Role, rolesAmong } from '#schema/roles.ts'
import type { Context } from '../context.ts'
import { hashOf, hourOf, stateOf } from '../domain/api-key.ts'
import type { LimitsRow } from '../domain/limits.ts'
import { type MemberRow, rightsOf } from '../domain/member.ts'
import { hashOfSession, isOver, NOTED_MS } from '../domain/session.ts'
import { apiKeysById, markUsed, routeOfKey } from '../store/api-keys.ts'
import { limitsOf } from '../store/limits.ts'
import { memberOfPerson, rememberPerson } from '../store/members.ts'
import { type OrganisationRow, organisation, routeOf } from '../store/organisations.ts'
import { markSessionUsed, routeOfSession, sessionById } from '../store/sessions.ts'

/** Who a credential stands for, as the gateway needs to know it. */
export interface Identified {
  principal: Principal
  name: string
  roles: string[]
  organisation: { id: string; slug: string; name: string }
  /** How much they may ask for. */
  limits: LimitsRow
  /** When the key, or this secret of it, ends by itself. */
  expiresAt?: Date
}

/** What a checked token says about a person; `org` is the organisation's slug. */
export interface TokenUser {
  id: string
  name: string
  org: string
  roles: readonly string[]
}

type Around = Pick<Context, 'db' | 'clock'>

/** Finds out whose key it is. @throws UNAUTHENTICATED when there is no such key or it was taken back */
export const identifyKey = async (around: Around, secret: string): Promise<Identified> => {
  const { db, clock } = around
  const route = await db.relay((tx) => routeOfKey(tx, hashOf(secret)))
  const now = clock.now()
  if (!route || (route.endsAt && route.endsAt <= now)) throw Unauthenticated.with()
  const { orgId, keyId } = route
  const hour = hourOf(now)
  const found = await db.read(orgId, async (tx) => ({
    key: (await apiKeysById(tx, orgId, [keyId]))[0],
    organisation: await organisation(tx, orgId),
    limits: await limitsOf(tx, orgId),
  }))
  if (!found.key || !found.organisation || stateOf(found.key, now) !== 'ACTIVE') throw Unauthenticated.with()
  const isNewHour = !found.key.lastUsedAt || found.key.lastUsedAt < hour
  if (isNewHour) await db.transaction(orgId, (tx) => markUsed(tx, orgId, keyId, hour))
  const { name, scopes, customerIds, expiresAt } = found.key
  const ends = [expiresAt, route.endsAt]
    .filter((end) => end !== null)
    .sort((a, b) => a.getTime() - b.getTime())
  const { id, slug, name: orgName } = found.organisation
  return {
    principal: { kind: 'key', id: keyId, orgId, scopes, ...(customerIds ? { rows: customerIds } : {}) },
    name,
    roles: [],
    organisation: { id, slug, name: orgName },
    limits: found.limits,
    ...(ends[0] ? { expiresAt: ends[0] } : {}),
  }
}

/**
 * Finds out what a person may do: what their token names, as far as the organisation has not decided that it is less. Hub remembers the
 * person's name for those who ask later.
 * @throws FORBIDDEN when there is no such organisation, the person has no role we know, or was removed
 */
export const identifyUser = async ({ db }: Around, user: TokenUser): Promise<Identified> => {
  const vouched = rolesAmong(user.roles)
  const orgId = await db.relay((tx) => routeOf(tx, user.org))
  if (!orgId || vouched.length === 0) throw Forbidden.with()
  const found = await db.transaction(orgId, async (tx) => ({
    member: await rememberPerson(tx, orgId, { id: user.id, name: user.name, roles: vouched }),
    organisation: await organisation(tx, orgId),
    limits: await limitsOf(tx, orgId),
  }))
  return personOf(user, found, vouched)
}

/**
 * Finds out whose session it is, and notes that it was used.
 * @throws UNAUTHENTICATED when there is none, or it is over; FORBIDDEN when the person may do nothing there any more
 */
export const identifySession = async ({ db, clock }: Around, secret: string): Promise<Identified> => {
  const route = await db.relay((tx) => routeOfSession(tx, hashOfSession(secret)))
  if (!route) throw Unauthenticated.with()
  const { orgId, sessionId } = route
  const now = clock.now()
  const { session, ...found } = await db.read(orgId, async (tx) => {
    const session = await sessionById(tx, orgId, sessionId)
    return {
      session,
      member: session && (await memberOfPerson(tx, orgId, session.personId)),
      organisation: await organisation(tx, orgId),
      limits: await limitsOf(tx, orgId),
    }
  })
  if (!session || isOver(session, now)) throw Unauthenticated.with()
  const since = new Date(now.getTime() - NOTED_MS)
  if (session.usedAt <= since)
    await db.transaction(orgId, (tx) => markSessionUsed(tx, orgId, sessionId, now, since))
  const { personId: id, vouched, endsAt } = session
  const person = { id, name: found.member?.name ?? id }
  return { ...personOf(person, found, vouched && rolesAmong(vouched)), expiresAt: endsAt }
}

/** @throws FORBIDDEN when the person may do nothing in the organisation */
const personOf = (
  person: { id: string; name: string },
  found: {
    member: MemberRow | undefined
    organisation: OrganisationRow | undefined
    limits: LimitsRow
  },
  vouched: readonly Role[] | null,
): Identified => {
  const rights = rightsOf(found.member, vouched)
  if (!found.organisation || !rights) throw Forbidden.with()
  const { id, slug, name } = found.organisation
  return {
    principal: { kind: 'user', id: person.id, orgId: id, scopes: rights.scopes },
    name: person.name,
    roles: rights.roles,
    organisation: { id, slug, name },
    limits: found.limits,
  }
}
