import type { Clock } from '#kernel/clock.ts'
import type { Context } from '../context.ts'
import { NothingToRenew } from '../domain/connection-errors.ts'
import { renewalDueAt } from '../domain/renewing.ts'
import type { OpenedPortal } from './connect-portal.ts'

type SignIn = ReturnType<NonNullable<Context['portals']['signIn']>>
type Grant = Awaited<ReturnType<SignIn['refresh']>>

/** Asks HubSpot which portal a grant opens, and for what. @param given the refresh token that was used, when the answer has none @throws HUB_CONNECTION_UNRENEWABLE, what HubSpot throws */
export const askPortal = async (
  signIn: SignIn,
  grant: Grant,
  { baseUrl, clock, given }: { baseUrl: string; clock: Clock; given?: string },
): Promise<OpenedPortal> => {
  const at = clock.now()
  const { portalId, hubDomain, scopes } = await signIn.tokenInfo(grant.accessToken)
  const token = grant.refreshToken ?? given
  if (!token) throw NothingToRenew.with()
  const expiresAt = new Date(at.getTime() + grant.expiresInSeconds * 1000)
  const refresh = { token, expiresAt, dueAt: renewalDueAt(at, grant.expiresInSeconds) }
  return { baseUrl, portalId, hubDomain, scopes, accessToken: grant.accessToken, refresh }
}
