import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { ORG } from '#test/kit/customers.ts'
import { SECRET } from '#test/kit/graph.ts'
import { askSubgraph, principal } from '#test/kit/subgraph.ts'
import { account, type OutwardBed, outwardBed } from './bed.ts'

const stack = new AsyncDisposableStack()
let bed: OutwardBed
beforeAll(async () => {
  bed = stack.use(await outwardBed())
}, 60_000)
afterAll(() => stack.disposeAsync())

const ask = async (query: string, variables: object = {}) => {
  const { data, errors } = await askSubgraph(
    bed.customersUrl,
    query,
    { ...variables },
    principal(ORG),
    principalSeal(SECRET, systemClock),
  )
  if (errors) throw new Error(JSON.stringify(errors))
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it asked for
  return Object.values(data)[0] as any
}

it('a company says an account while it is its customer’s, and says it again once the account was taken back', async () => {
  const [own, other] = bed.companies
  await bed.tell([account('MOVED-1', own!.domain, { mrr: { amount: '42', currency: 'USD' } })])
  const said = { warp_ban: 'MOVED-1', warp_mrr: '42' }
  const nothing = { warp_ban: null, warp_mrr: null }
  await bed.says(own!.id, said)
  const move = async (mutation: string, domain: string) => {
    const { nodes } = await ask(
      '{ customers(first: 50) { nodes { id domain version identities { system } } } }',
    )
    const customer = nodes.find(
      (one: { domain: string | null; identities: { system: string }[] }) =>
        one.domain === domain && one.identities.some(({ system }) => system === 'HUBSPOT'),
    )
    return await ask(
      `mutation ($id: ID!, $version: Int!) { ${mutation}(customerId: $id, account: { system: WARP, accountId: "MOVED-1" }, expectedVersion: $version) { __typename ... on Refusal { message } } }`,
      { id: customer.id, version: customer.version },
    )
  }
  expect(await move('linkIdentity', other!.domain)).toEqual({ __typename: 'Linked' })
  await bed.says(other!.id, said)
  await bed.says(own!.id, nothing)
  expect(await move('unlinkIdentity', other!.domain)).toEqual({ __typename: 'TakenApart' })
  await bed.says(own!.id, said)
  await bed.says(other!.id, nothing)
})
