/** Provisioning a simulated portal, and what was asked of it meanwhile. */
import type { ObjectSchema } from '#connectors/hubspot/schema-wire.ts'
import { callPortal } from '#test/kit/portal.ts'
import { type ConnectionsBed, connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'

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

/** A connected portal of three companies that nobody has provisioned. Nobody works in the background: what goes there is what provisioning asks. */
export const connectedPortal = async () => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await connectionsBed({ companies: 3, worker: false }))
  const id = await bed.connect(FIRST_PORTAL)
  const all = stack.move()
  return { bed, id, on: provisioningOf(bed, id), [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** The kinds of record that the portal has besides HubSpot's own, as it tells them itself. */
export const ownKinds = async ({ portal }: Pick<ConnectionsBed, 'portal'>): Promise<ObjectSchema[]> =>
  (await callPortal<{ results: ObjectSchema[] }>(portal, '/crm/v3/schemas')).results
