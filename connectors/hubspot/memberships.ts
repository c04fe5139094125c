import * as z from 'zod'
import type { Wire } from './http.ts'

/** Records asked about at a time. */
const BATCH = 100
const answer = z.object({
  results: z.array(
    z.object({
      recordId: z.coerce.string(),
      recordListMemberships: z.array(z.object({ listId: z.coerce.string() })).catch([]),
    }),
  ),
})
/** Lists know types by number. */
const TYPE_IDS: Readonly<Record<string, string>> = {
  contacts: '0-1',
  companies: '0-2',
  deals: '0-3',
  tickets: '0-5',
}

/** See `HubSpot.lists`. */
export const readLists = async (
  wire: Wire,
  type: string,
  ids: readonly string[],
): Promise<Map<string, string[]>> => {
  const found = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (let from = 0; from < ids.length; from += BATCH) {
    const inputs = ids
      .slice(from, from + BATCH)
      .map((recordId) => ({ objectTypeId: TYPE_IDS[type] ?? type, recordId }))
    const { results } = await wire.send({
      counts: 'read',
      method: 'POST',
      target: '/crm/v3/lists/records/memberships/batch/read',
      body: { inputs },
      check: (body) => answer.parse(body),
    })
    for (const { recordId, recordListMemberships } of results)
      found.set(
        recordId,
        recordListMemberships.map(({ listId }) => listId),
      )
  }
  return found
}
