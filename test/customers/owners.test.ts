import { expect, it } from 'vitest'
import { customersBed, worker } from '#test/kit/customers.ts'
import { graphOf } from '#test/kit/customers-graph.ts'
import { principal } from '#test/kit/subgraph.ts'

interface Owner {
  id: string
  name: string
  email: string
  isActive: boolean
}

const LIST = `query ($search: String, $active: Boolean, $first: Int! = 200, $after: Cursor) {
  owners(search: $search, active: $active, first: $first, after: $after) {
    nodes { id name email isActive } totalCount pageInfo { endCursor hasNextPage }
  } }`

it('lists the colleagues who can own records by name, page after page, and finds one by any words of the name or address', async () => {
  await using bed = await customersBed({ companies: 5 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  await using graph = await graphOf(bed.test)
  const list = async (variables: object = {}) => (await graph.ask(LIST, variables)).owners
  const all = await list()
  const names = all.nodes.map(({ name }: Owner) => name.toLowerCase())
  expect(names.length).toBeGreaterThan(3)
  expect(names).toEqual([...names].sort())
  expect(all.totalCount).toBe(names.length)

  const seen: Owner[] = []
  for (let after: string | null = null; ; ) {
    graph.statements.length = 0
    const page = await list({ first: 2, after })
    // The page and how many there are.
    expect(graph.statements.filter((text) => text.includes('customers.owners'))).toHaveLength(2)
    seen.push(...page.nodes)
    if (!page.pageInfo.hasNextPage) break
    after = page.pageInfo.endCursor
  }
  expect(seen).toEqual(all.nodes)

  const [first] = all.nodes as Owner[]
  const [given, family] = first!.name.split(' ')
  for (const search of [first!.name, `${family} ${given!.toUpperCase()}`, first!.email])
    expect((await list({ search })).nodes).toContainEqual(first)
  expect(await list({ search: "100% nobody_ '" })).toMatchObject({ nodes: [], totalCount: 0 })

  const [working, gone] = [await list({ active: true }), await list({ active: false })]
  expect(working.totalCount + gone.totalCount).toBe(all.totalCount)
  expect(working.nodes.every(({ isActive }: Owner) => isActive)).toBe(true)
  expect(gone.nodes.some(({ isActive }: Owner) => isActive)).toBe(false)

  const stranger = principal('00000000-0000-4000-8000-00000000beef')
  expect((await graph.ask(LIST, {}, stranger)).owners.nodes).toEqual([])
})
