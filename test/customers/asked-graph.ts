import { expect } from 'vitest'
import { DEMO_TOKEN } from '#connectors/hubspot/simulator/index.ts'
import type { Principal } from '#kernel/principal.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { type CustomersBed, customersBed, ORG, type PortalOptions, TEST_KEY } from '#test/kit/customers.ts'
import { askSubgraph, principal, startWith } from '#test/kit/subgraph.ts'
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
  const statements: string[] = []
  const running = stack.use(
    await startCustomers({
      ...startWith(bed.test.urls, { clock: bed.clock, onStatement: (text) => statements.push(text) }),
      encryptionKeys: [TEST_KEY],
      connect: { orgId: ORG, name: 'HubSpot', baseUrl: bed.portal.url, token: DEMO_TOKEN },
      limits: {},
    }),
  )
  await until(
    async () =>
      (
        await bed.database.read(ORG, (tx) =>
          tx.selectFrom('sync.runs').select('state').where('state', '=', 'COMPLETED').execute(),
        )
      ).length > 0,
  )
  const ask = async (
    query: string,
    variables: Record<string, unknown> = {},
    caller: Principal = principal(ORG),
  ) => {
    const answer = await askSubgraph(running.url, query, variables, caller)
    expect(answer.errors).toBeUndefined()
    return answer.data
  }
  const all = stack.move()
  return {
    ...bed,
    url: running.url,
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

/** Calls a portal as an app of its own does. */
export const callPortal = async <T>(
  bed: Pick<CustomersBed, 'portal'>,
  path: string,
  body: object,
  method = 'POST',
): Promise<T> => {
  const answer = await fetch(`${bed.portal.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Makes a property of a portal, as an administrator there does. */
export const defineProperty = async (
  bed: Pick<CustomersBed, 'portal'>,
  type: string,
  { name, label, type: kind = 'string' }: { name: string; label: string; type?: string },
): Promise<void> => {
  const fieldType = { string: 'text', number: 'number', datetime: 'date', date: 'date' }[kind]
  const groups: Record<string, string> = {
    companies: 'companyinformation',
    contacts: 'contactinformation',
    deals: 'dealinformation',
    tickets: 'ticketinformation',
  }
  await callPortal(bed, `/crm/v3/properties/${type}`, {
    name,
    label,
    type: kind,
    fieldType,
    groupName: groups[type],
  })
}
