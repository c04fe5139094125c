import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import { type CustomersBed, customersBed, ORG, type PortalOptions } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { until } from '#test/kit/until.ts'

const OURS = /customers\.(customers|companies|contacts|deals|tickets|tasks|notes|owners|identities|edges)/

/**
 * A portal imported once by a running subgraph that can be asked.
 * @param prepare changes the portal before it is connected
 */
export const askedGraph = async (
  options: PortalOptions = {},
  prepare: (bed: CustomersBed) => Promise<void> = async () => {},
) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed(options))
  await prepare(bed)
  const connect = { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN }
  const { url, ask, statements } = stack.use(
    // Nothing is read by the clock: a run that is asked for is then one that reads everything from here on.
    await graphOf(bed.test, { clock: bed.clock, worker: true, connect, pollEveryMs: 0 }),
  )
  await until(
    async () =>
      (
        await bed.database.read(ORG, (tx) =>
          tx.selectFrom('sync.runs').select('state').where('state', '=', 'COMPLETED').execute(),
        )
      ).length > 0,
  )
  const all = stack.move()
  return {
    ...bed,
    url,
    ask,
    /** SQL statements that answering took, without the work in the background. */
    counting: async (query: string, variables: Record<string, unknown>): Promise<number> => {
      const from = statements.length
      await ask(query, variables)
      return statements.slice(from).filter((text) => OURS.test(text)).length
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type AskedGraph = Awaited<ReturnType<typeof askedGraph>>
