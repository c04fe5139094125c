import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Principal } from '#kernel/principal.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { type CustomersBed, customersBed, ORG, type PortalOptions, TEST_KEY } from '#test/kit/customers.ts'
import { askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

/** A simulated portal, a database connected to it, and the graph to ask; no worker yet. */
export const plansBed = async (options: PortalOptions) => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed(options))
  const { url } = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { clock: bed.clock, worker: false }),
      encryptionKeys: [TEST_KEY],
      limits: {},
    }),
  )
  const ask = async (query: string, variables = {}, caller: Principal = principal(ORG)) => {
    const answer = await askSubgraph(url, query, variables, caller)
    expect(answer.errors).toBeUndefined()
    return answer.data
  }
  const all = stack.move()
  return {
    ...bed,
    ask,
    askRun: bed.ask,
    /** The run, once it stands so. */
    stands: (id: string, ...states: string[]) =>
      until(
        async () => {
          const run = await bed.progress(id)
          return run && states.includes(run.state) ? run : undefined
        },
        { timeoutMs: 30_000 },
      ),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
export type PlansBed = Awaited<ReturnType<typeof plansBed>>

/** How many live links there are of a type. */
export const live = async ({ database }: CustomersBed, type: string): Promise<number> => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{
      n: number
    }>`select count(*)::integer as n from sync.links where type = ${type} and gone_at is null`.execute(tx),
  )
  return rows[0]?.n ?? 0
}

/** How many companies the hub holds with this value. */
export const companiesWith = async (
  { database }: CustomersBed,
  field: string,
  value: string,
): Promise<number> => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{ n: number }>`select count(*)::integer as n from customers.companies
      where properties ->> ${field} = ${value} and gone_at is null`.execute(tx),
  )
  return rows[0]?.n ?? 0
}
