import { isHubError } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import type { Receipt } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AskedSettings, readSettings } from '../domain/changing-settings.ts'
import { NoApp } from '../domain/connection-errors.ts'
import { askPortal } from './ask-portal.ts'
import { connectPortal, type OpenedPortal } from './connect-portal.ts'

const LONGEST_TOKEN = 2000

/**
 * Connects a portal with a token that somebody hands over: a private app's, or our own app's with its refresh token. HubSpot is
 * asked first whose it is. Only keys may: a person would have to carry the token through a browser.
 */
export const connectWithToken = async (
  ctx: Context,
  ask: {
    accessToken: string
    refreshToken: string | null
    integrationId: string | null
    settings: AskedSettings
  },
): Promise<{ integrationId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> => {
  if (ctx.principal.kind !== 'key')
    return invalid(
      null,
      'A token is only taken from a program with a key. Connect through HubSpot’s consent page, or make a key for the program.',
      'KEY_NEEDED',
    )
  const settings = readSettings(ask.settings)
  if ('field' in settings) return invalid(settings.field, settings.message)
  if (ask.integrationId !== null && !isId(ask.integrationId)) return missing('The HubSpot connection')
  const accessToken = ask.accessToken.trim()
  const refreshToken = ask.refreshToken?.trim() || null
  if (!isToken(accessToken)) return invalid('accessToken', 'This is no token of HubSpot’s. Copy it again.')
  if (refreshToken && !isToken(refreshToken))
    return invalid('refreshToken', 'This is no token of HubSpot’s. Copy it again.')
  let portal: OpenedPortal
  try {
    portal = await openedPortal(ctx, accessToken, refreshToken)
  } catch (error) {
    if (!isHubError(error) || error.retry !== 'never') throw error
    return invalid(
      refreshToken ? 'refreshToken' : 'accessToken',
      NoApp.is(error)
        ? error.message
        : 'HubSpot does not accept this token. Refresh it, or connect the portal anew.',
      error.code,
    )
  }
  const { orgId, principal } = ctx
  const connected = await connectPortal(
    { database: ctx.db, vault: ctx.vault, clock: ctx.clock },
    {
      ...{ orgId, principal, action: 'connectHubSpotWithToken', portal, settings },
      name: settings.name ?? null,
      integrationId: ask.integrationId,
    },
  )
  if (connected === null) return missing('The HubSpot connection')
  if (connected === 'other portal')
    return invalid('accessToken', 'This token opens another portal than the one of the connection.')
  ctx.published()
  return connected
}

const isToken = (text: string): boolean => /^[\x21-\x7e]+$/.test(text) && text.length <= LONGEST_TOKEN

const openedPortal = async (
  { portals, clock }: Context,
  accessToken: string,
  refreshToken: string | null,
): Promise<OpenedPortal> => {
  const { baseUrl } = portals.door
  if (refreshToken) {
    const signIn = portals.signIn?.(baseUrl)
    if (!signIn) throw NoApp.with()
    // The access token may be old: what matters is that the refresh token is our app's, and that it still counts.
    const grant = await signIn.refresh(refreshToken)
    return await askPortal(signIn, grant, { baseUrl, clock, given: refreshToken })
  }
  const { portalId } = await portals.openWith({ baseUrl, token: accessToken }).account()
  return { baseUrl, portalId, hubDomain: null, scopes: null, accessToken }
}
