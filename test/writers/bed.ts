/** A portal that has room for what the hub writes by itself, imported and written to by a running subgraph. */
import { sql } from 'kysely'
import type { LoggedEvent } from '#events/log.ts'
import { type EventName, type EventPayload, event } from '#schema/events.ts'
import { type AskedGraph, askedGraph } from '#test/customers/asked-graph.ts'
import { type CustomersBed, ORG, type PortalOptions } from '#test/kit/customers.ts'
import { furnishPortal } from '#test/kit/portal.ts'
import { until } from '#test/kit/until.ts'

/** A hub that writes to a portal. @param prepare changes the portal before it is connected */
export const writingGraph = async (
  options: PortalOptions = {},
  prepare: (bed: CustomersBed) => Promise<void> = async () => {},
): Promise<AskedGraph> =>
  await askedGraph(options, async (bed) => {
    await furnishPortal(bed.portal)
    await prepare(bed)
  })

let pos = 0
/** An event as a sibling's log has it. */
export const logged = <N extends EventName>(name: N, key: string, payload: EventPayload<N>): LoggedEvent => ({
  ...event(name, key, payload),
  pos: ++pos,
  orgId: ORG,
  occurredAt: new Date('2026-11-20T00:00:00Z'),
})

/** Resolves once everything that was noted to be written has been. */
export const written = (bed: Pick<AskedGraph, 'outgoing'>) =>
  until(async () => (await bed.outgoing()).length === 0)

/** What has gone to the portal since it was last asked that was no question. */
export const sent = async (bed: AskedGraph): Promise<string[]> => {
  const { entries } = await bed.journal()
  await bed.sim('journal', undefined, 'DELETE')
  return entries
    .filter(({ path, method }) => path.startsWith('/crm') && method !== 'GET' && !path.endsWith('/search'))
    .map(({ method, path }) => `${method} ${path}`)
}

/** What a command left in the audit. */
export const audited = async (bed: AskedGraph, action: string): Promise<{ diff: unknown }[]> =>
  bed.database.read(
    ORG,
    async (tx) =>
      (
        await sql<{
          diff: unknown
        }>`select diff from service.audit_log where action = ${action} order by at`.execute(tx)
      ).rows,
  )
