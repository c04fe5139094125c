import { expect } from 'vitest'
import type { Cases, Walk } from '../walk.ts'

const made = async (walk: Walk): Promise<string> => {
  const { list } = await walk.client.crm.lists.listsApi.create({
    name: walk.fresh(),
    objectTypeId: '0-1',
    processingType: 'MANUAL',
  })
  return list.listId
}

const filter = (city: string) => ({
  filterBranchType: 'OR',
  filterBranchOperator: 'OR',
  filters: [],
  filterBranches: [
    {
      filterBranchType: 'AND',
      filterBranchOperator: 'AND',
      filterBranches: [],
      filters: [
        {
          filterType: 'PROPERTY',
          property: 'city',
          operation: { operationType: 'MULTISTRING', operator: 'IS_EQUAL_TO', values: [city] },
        },
      ],
    },
  ],
})

const LISTS: Cases = {
  async 'crm.lists.listsApi.create'(walk) {
    const city = walk.fresh()
    const id = await walk.make('companies', { city })
    const { list } = await walk.client.crm.lists.listsApi.create({
      name: walk.fresh(),
      objectTypeId: '0-2',
      processingType: 'DYNAMIC',
      // biome-ignore lint/suspicious/noExplicitAny: the client has a class for each kind of branch
      filterBranch: filter(city) as any,
    })
    const members = await walk.client.crm.lists.membershipsApi.getPage(list.listId)
    expect(members.results.map((r) => r.recordId)).toEqual([id])
  },
  async 'crm.lists.listsApi.getById'({ client }) {
    const read = await client.crm.lists.listsApi.getById('1')
    expect(read.list).toMatchObject({ name: 'Customers', processingType: 'DYNAMIC' })
    return read
  },
  async 'crm.lists.listsApi.getByName'({ client }) {
    return await client.crm.lists.listsApi.getByName('Key accounts', '0-2')
  },
  async 'crm.lists.listsApi.getAll'(walk) {
    return await walk.client.crm.lists.listsApi.getAll(['1', await made(walk)])
  },
  async 'crm.lists.listsApi.doSearch'({ client }) {
    const found = await client.crm.lists.listsApi.doSearch({ query: 'key', count: 10, offset: 0 })
    expect(found.lists.map((list) => list.name)).toEqual(['Key accounts'])
    return found
  },
  async 'crm.lists.listsApi.updateName'(walk) {
    return await walk.client.crm.lists.listsApi.updateName(await made(walk), walk.fresh())
  },
  async 'crm.lists.listsApi.updateListFilters'(walk) {
    const { listsApi } = walk.client.crm.lists
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const branch = filter('Elko') as any
    const { list } = await listsApi.create({
      name: walk.fresh(),
      objectTypeId: '0-2',
      processingType: 'DYNAMIC',
      filterBranch: branch,
    })
    return await listsApi.updateListFilters(list.listId, { filterBranch: branch })
  },
  async 'crm.lists.listsApi.remove'(walk) {
    await walk.client.crm.lists.listsApi.remove(await made(walk))
  },
  async 'crm.lists.listsApi.restore'(walk) {
    const { listsApi } = walk.client.crm.lists
    const id = await made(walk)
    await listsApi.remove(id)
    await listsApi.restore(id)
    expect((await listsApi.getById(id)).list.listId).toBe(id)
  },
}

const MEMBERS: Cases = {
  async 'crm.lists.membershipsApi.add'(walk) {
    const [list, contact] = [await made(walk), await walk.make('contacts')]
    const answer = await walk.client.crm.lists.membershipsApi.add(list, [contact, '1'])
    expect(answer).toMatchObject({ recordsIdsAdded: [contact], recordIdsMissing: ['1'] })
    return answer
  },
  async 'crm.lists.membershipsApi.addAllFromList'(walk) {
    const [source, list, contact] = [await made(walk), await made(walk), await walk.make('contacts')]
    const { membershipsApi } = walk.client.crm.lists
    await membershipsApi.add(source, [contact])
    await membershipsApi.addAllFromList(list, source)
    expect((await membershipsApi.getPage(list)).total).toBe(1)
  },
  async 'crm.lists.membershipsApi.addAndRemove'(walk) {
    const [list, contact] = [await made(walk), await walk.make('contacts')]
    const change = { recordIdsToAdd: [contact], recordIdsToRemove: [] }
    return await walk.client.crm.lists.membershipsApi.addAndRemove(list, change)
  },
  async 'crm.lists.membershipsApi.getLists'(walk) {
    const [list, contact] = [await made(walk), await walk.make('contacts')]
    const { membershipsApi } = walk.client.crm.lists
    await membershipsApi.add(list, [contact])
    const of = await membershipsApi.getLists('0-1', contact)
    expect(of.results.map((r) => r.listId)).toContain(list)
    return of
  },
  async 'crm.lists.membershipsApi.getPage'({ client }) {
    const page = await client.crm.lists.membershipsApi.getPage('2', undefined, undefined, 3)
    expect(page.results).toHaveLength(3)
    expect(page.paging?.next?.after).toBeDefined()
    return page
  },
  async 'crm.lists.membershipsApi.getPageOrderedByAddedToListDate'({ client }) {
    return await client.crm.lists.membershipsApi.getPageOrderedByAddedToListDate('2')
  },
  async 'crm.lists.membershipsApi.remove'(walk) {
    const [list, contact] = [await made(walk), await walk.make('contacts')]
    const { membershipsApi } = walk.client.crm.lists
    await membershipsApi.add(list, [contact])
    const answer = await membershipsApi.remove(list, [contact])
    expect(answer.recordIdsRemoved).toEqual([contact])
    return answer
  },
  async 'crm.lists.membershipsApi.removeAll'(walk) {
    const [list, contact] = [await made(walk), await walk.make('contacts')]
    const { membershipsApi } = walk.client.crm.lists
    await membershipsApi.add(list, [contact])
    await membershipsApi.removeAll(list)
    expect((await membershipsApi.getPage(list)).results).toEqual([])
  },
}

/** Lists of records, which HubSpot's screens call segments. */
export const SEGMENT_CASES: Cases = { ...LISTS, ...MEMBERS }
