import type { Clock } from '#kernel/clock.ts'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import type { Context } from '../context.ts'
import { browserCookie, browserOf, hashOf, orgOfState } from '../domain/connecting.ts'
import { useAttempt } from '../store/connection-attempts.ts'
import type { Rows } from '../store/transaction.ts'
import { askPortal } from './ask-portal.ts'
import { connectPortal } from './connect-portal.ts'

export interface FinishAround {
  database: Rows
  vault: Vault
  clock: Clock
  log: Log
  portals: Context['portals']
}

/** What the browser brought back from HubSpot. */
export interface CameBack {
  state: string | null
  code: string | null
  /** HubSpot's word for why there is no code. */
  error: string | null
  cookies: string | undefined
}

/** How it went, with a sentence for people. */
export interface Finished {
  status: number
  isConnected: boolean
  message: string
  integrationId?: string
  /** Takes the browser's half away again. */
  cookie?: string
}

const UNKNOWN =
  'This way back from HubSpot does not count: it was used already, is older than ten minutes, or was begun in another browser. Begin again from the hub.'

/**
 * Takes somebody back from HubSpot: the state counts once, in the browser that began; then the code is exchanged and the portal is
 * connected. Nothing is asked of HubSpot for a state that does not count.
 */
export const finishConnection = async (around: FinishAround, back: CameBack): Promise<Finished> => {
  const { database, clock, log, portals } = around
  const { isSecure, baseUrl } = portals.door
  const signIn = portals.signIn?.(baseUrl)
  const orgId = orgOfState(back.state ?? '')
  if (!signIn || !back.state || !orgId) return refused(400, UNKNOWN)
  const stateHash = hashOf(back.state)
  const browser = browserOf(back.cookies, stateHash, { isSecure })
  const attempt =
    browser &&
    (await database.transaction(orgId, (tx) =>
      useAttempt(tx, orgId, { stateHash, browserHash: hashOf(browser) }, clock.now()),
    ))
  if (!attempt) return refused(400, UNKNOWN)
  const cookie = browserCookie(stateHash, null, { isSecure })
  if (!back.code)
    return {
      ...refused(
        400,
        back.error === 'access_denied'
          ? 'Access was not granted, so nothing was connected.'
          : 'HubSpot sent nobody back that could be let in. Begin again from the hub.',
      ),
      cookie,
    }
  try {
    const portal = await askPortal(signIn, await signIn.exchange(back.code), { baseUrl, clock })
    const connected = await connectPortal(around, {
      orgId,
      principal: { kind: attempt.principal_kind, id: attempt.principal_id },
      action: 'connectHubSpot',
      name: attempt.name,
      integrationId: attempt.portal_hint,
      portal,
    })
    if (connected === null) return { ...refused(404, 'The connection is not there any more.'), cookie }
    if (connected === 'other portal')
      return {
        ...refused(
          409,
          'Another portal was chosen than the one of this connection. Begin again and choose that one.',
        ),
        cookie,
      }
    const { integrationId } = connected
    log.info({ orgId, integrationId, portalId: portal.portalId }, 'connected a portal')
    return {
      status: 200,
      isConnected: true,
      message: 'HubSpot is connected. Its records are on their way.',
      integrationId,
      cookie,
    }
  } catch (error) {
    if (!isHubError(error)) throw error
    log.warn({ err: error, orgId }, 'could not connect a portal')
    const status = error.retry === 'later' ? 503 : 400
    return {
      ...refused(status, `HubSpot did not let us in. ${error.message} Then begin again from the hub.`),
      cookie,
    }
  }
}

const refused = (status: number, message: string): Finished => ({ status, isConnected: false, message })
