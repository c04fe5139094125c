/** Provisioning a simulated portal, and what was asked of it meanwhile. */
import type { ConnectionsBed } from '../connections/bed.ts'

export interface Item {
  kind: string
  objectType: string
  name: string
  state: string
  message: string | null
  fix: string | null
}

/** Calls about one connection. */
export const provisioningOf = (bed: ConnectionsBed, id: string) => {
  const path = `/api/v2/integrations/hubspot/${id}/provision`
  /** What has gone to the portal since it was last asked, as `POST crm/v3/…`. */
  const sent = async () => {
    const { entries } = await bed.journal()
    await bed.forgetJournal()
    return entries
      .filter(({ path }) => path.startsWith('/crm'))
      .map((entry) => `${entry.method} ${entry.path.slice(1)}`)
  }
  const provision = async (body?: object) => (await bed.rest('POST', path, body)).body
  return {
    path,
    sent,
    plan: async () => (await bed.rest('GET', path)).body,
    provision,
    /** The states of items, by how often. */
    states: (items: readonly Item[]): Record<string, number> =>
      Object.fromEntries(
        [...Map.groupBy(items, ({ state }) => state)].map(([state, all]) => [state, all.length]),
      ),
    /** The names of items in a state, by kind of record. */
    named: (items: readonly Item[], state: string): string[] =>
      items.filter((item) => item.state === state).map(({ objectType, name }) => `${objectType}.${name}`),
  }
}

/** What the portal answers for itself, past the hub. */
export const portalCall = async <T>(
  bed: ConnectionsBed,
  token: string,
  path: string,
  body?: unknown,
): Promise<T> => {
  const answer = await fetch(`${bed.portal.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as T
}
