import { sleep } from '#kernel/clock.ts'
import { Planning } from '#kernel/planning.ts'
import type { AutoTicketOpenedResolvers } from '#schema/generated/customers.types.ts'
import { childrenById } from '../store/children.ts'
import { portalId } from '../store/portal-ids.ts'

const LOOKS = 20
const BETWEEN_MS = 100

export const AutoTicketOpened: AutoTicketOpenedResolvers = {
  // Whoever only plans waits for nothing: what is undone again never comes to HubSpot.
  hubspotTicketId: async ({ ticket }, _, { db, orgId }) => {
    const looks = Planning.current() ? 0 : LOOKS
    let found = portalId(ticket.external_id)
    for (let look = 0; found === null && look < looks; look++) {
      await sleep(BETWEEN_MS)
      const held = await db.read(orgId, (tx) => childrenById(tx, orgId, 'tickets', [ticket.id]))
      found = portalId(held.get(ticket.id)?.external_id)
    }
    return found
  },
}
