import { Forbidden, Unauthenticated } from '#kernel/errors.ts'
import type { Principal } from '#kernel/principal.ts'
import type { Context } from '../context.ts'
import { hashOf, hourOf, stateOf } from '../domain/api-key.ts'
import type { LimitsRow } from '../domain/limits.ts'
import { rolesAmong, scopesOf } from '../domain/roles.ts'
import { apiKeysById, markUsed, routeOfKey } from '../store/api-keys.ts'
import { limitsOf } from '../store/limits.ts'
import { organisation, rememberMember, routeOf } from '../store/organisations.ts'

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
    principal: { kind: 'key', id: keyId, orgId, scopes, ...(customerIds ? { customers: customerIds } : {}) },
    name,
    roles: [],
    organisation: { id, slug, name: orgName },
    limits: found.limits,
    ...(ends[0] ? { expiresAt: ends[0] } : {}),
  }
}

/**
 * Finds out what a person may do. The issuer's word on roles counts; hub says what a role may do, and remembers the
 * person's name for those who ask later.
 * @throws FORBIDDEN when there is no such organisation, or the person has no role we know
 */
export const identifyUser = async ({ db }: Around, user: TokenUser): Promise<Identified> => {
  const roles = rolesAmong(user.roles)
  const orgId = await db.relay((tx) => routeOf(tx, user.org))
  if (!orgId || roles.length === 0) throw Forbidden.with()
  const found = await db.transaction(orgId, async (tx) => {
    await rememberMember(tx, orgId, { id: user.id, name: user.name, roles })
    return { organisation: await organisation(tx, orgId), limits: await limitsOf(tx, orgId) }
  })
  if (!found.organisation) throw Forbidden.with()
  const { id, slug, name } = found.organisation
  return {
    principal: { kind: 'user', id: user.id, orgId, scopes: scopesOf(roles) },
    name: user.name,
    roles,
    organisation: { id, slug, name },
    limits: found.limits,
  }
}
