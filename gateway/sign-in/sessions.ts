import { Forbidden, Unauthenticated, Unavailable } from '#kernel/errors.ts'
import { askHub, type HubPlace } from '../asking-hub.ts'
import type { Person } from './provider.ts'

/** A session that hub has begun. */
export interface Opened {
  secret: string
  /** As ISO 8601. */
  endsAt: string
  organisation: { id: string; slug: string; name: string }
}

/** The sessions of browsers, which hub keeps. All throw HUB_UNAVAILABLE when it does not answer. */
export interface Sessions {
  /** @throws FORBIDDEN when the person belongs to no organisation, or not to the one wished for */
  open(person: Person, org?: string): Promise<Opened>
  /** @throws UNAUTHENTICATED when the session is over, FORBIDDEN when the person does not belong to the other organisation */
  switchTo(org: string, secret: string): Promise<Opened>
  end(secret: string): Promise<void>
}

/** Opens the way to hub. */
export const openSessions = (hub: HubPlace): Sessions => {
  const ask = async (path: string, body: object): Promise<Response> => {
    let response: Response
    try {
      response = await askHub(hub, `/sessions${path}`, body)
    } catch (cause) {
      throw Unavailable.with({ what: 'Signing in' }, { cause })
    }
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status === 401) throw Unauthenticated.with()
    throw response.status === 403 ? Forbidden.with() : Unavailable.with({ what: 'Signing in' })
  }
  const opened = async (path: string, body: object) => (await (await ask(path, body)).json()) as Opened
  return {
    open: ({ vouched, ...person }, org) => opened('', { person, vouched, org }),
    switchTo: (org, secret) => opened('/switch', { org, secret }),
    end: async (secret) => {
      await ask('/end', { secret })
    },
  }
}
