import { type HubError, isHubError } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { Disconnected, NeedsReauth, ScopesChanged } from '#sync/errors.ts'
import type { Context } from '../context.ts'
import { NoApp } from '../domain/connection-errors.ts'
import { featuresOf } from '../domain/features.ts'
import { integrationsOf, noteGranted } from '../store/integrations.ts'

export interface Checked {
  integrationId: string
  isValid: boolean | null
  message: string
}

/**
 * Asks HubSpot whether a connection's credentials are good: renews them where they can be renewed, since nothing else tells whether a
 * grant still stands, and looks at what they may read. Finding that they are not good parks the connection's work.
 */
export const checkCredentials = async (
  ctx: Context,
  wanted: string | null,
): Promise<Checked | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, portals, clock } = ctx
  if (wanted !== null && !isId(wanted)) return missing('The HubSpot connection')
  const found = chosen(await ctx.db.read(orgId, (tx) => integrationsOf(tx, orgId)), wanted)
  if (found === 'ambiguous')
    return invalid('integrationId', 'There are several HubSpot connections: name one.')
  if (!found) return missing('The HubSpot connection')
  const place = { orgId, integrationId: found.id }
  const answer = async (isValid: boolean | null, message: string): Promise<Checked> => {
    const subject = { type: 'HubSpotIntegration', id: found.id }
    const after = { isValid }
    await ctx.write((tx) =>
      audit(tx, { orgId, principal, action: 'validateCredentials', subject, after, at: clock.now() }),
    )
    return { integrationId: found.id, isValid, message }
  }
  try {
    const row = await portals.connection(place)
    await portals.tokens.check(place)
    const signIn = portals.signIn?.(row.base_url)
    if (row.mode === 'OAUTH' && signIn) {
      const told = await signIn.tokenInfo(await portals.tokens.current(place))
      await ctx.write((tx) => noteGranted(tx, orgId, row.id, told, clock.now()))
    } else await portals.probe(row)
    const [now] = await ctx.db.read(orgId, (tx) => integrationsOf(tx, orgId, [row.id]))
    const off = featuresOf(now ?? row).filter((feature) => !feature.isOn)
    const lacks = off.map((feature) => feature.capability.toLowerCase().replaceAll('_', ' ')).join(', ')
    return await answer(
      true,
      off.length === 0
        ? 'The credentials are good.'
        : `The credentials are good, but not for everything: ${lacks} are off. Connect again and grant more to have them.`,
    )
  } catch (error) {
    if (!isHubError(error)) throw error
    const { isValid, message } = foundBy(error)
    return await answer(isValid, message)
  }
}

/** What an error tells of the credentials. Sentences of ours say what to do already. */
const foundBy = (error: HubError): Pick<Checked, 'isValid' | 'message'> => {
  const { code, message, retry } = error
  if (OURS.has(code)) return { isValid: false, message }
  if (code === ScopesChanged.code) return { isValid: true, message }
  return retry === 'never'
    ? { isValid: false, message: `${message} Refresh the token, or connect the portal again.` }
    : { isValid: null, message: `${message} Ask again in a while.` }
}

const OURS: ReadonlySet<string> = new Set([Disconnected.code, NeedsReauth.code, NoApp.code])
