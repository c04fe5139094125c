import { Planning } from '#kernel/planning.ts'
import type { AutoTicketOpenedResolvers } from '#schema/generated/customers.types.ts'
import { awaitPortalId } from '../commands/await-portal-id.ts'
import { childrenById } from '../store/children.ts'
import { portalId } from '../store/portal-ids.ts'

const WAIT_MS = 2_000

export const AutoTicketOpened: AutoTicketOpenedResolvers = {
  // Whoever only plans waits for nothing: what is undone again never comes to HubSpot.
  hubspotTicketId: async ({ ticket }, _, { db, orgId }) => {
    const known = portalId(ticket.external_id)
    if (known !== null || Planning.current()) return known
    return await awaitPortalId(async () => {
      const held = await db.read(orgId, (tx) => childrenById(tx, orgId, 'tickets', [ticket.id]))
      return portalId(held.get(ticket.id)?.external_id)
    }, WAIT_MS)
  },
}
