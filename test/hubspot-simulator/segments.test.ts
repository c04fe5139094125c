import { expect, it } from 'vitest'
import type { Segment, SegmentMemberPage, SegmentSearchPage } from '#connectors/hubspot/segment-wire.ts'
import { listAll, type OpenPortal, openPortal } from './portal.ts'

const find = async (portal: OpenPortal, query: string): Promise<string> =>
  (await portal.call<SegmentSearchPage>('/crm/v3/lists/search', { query })).json().lists[0]!.listId

const members = async (portal: OpenPortal, id: string): Promise<string[]> => {
  const ids: string[] = []
  let after: string | undefined
  do {
    const path = `/crm/v3/lists/${id}/memberships?limit=250${after === undefined ? '' : `&after=${after}`}`
    const page = (await portal.call<SegmentMemberPage>(path)).json()
    ids.push(...page.results.map((member) => member.recordId))
    after = page.paging?.next?.after
  } while (after !== undefined)
  return ids
}

it('keeps whoever meets the filters in a list that fills itself', async () => {
  await using portal = await openPortal({ companies: 400 })
  const id = await find(portal, 'customers')
  const before = await members(portal, id)
  expect(before.length).toBeGreaterThan(250)
  const [first] = before as [string]
  await portal.sim('records/companies', { id: first, properties: { lifecyclestage: 'lead' } })
  expect(await members(portal, id)).toEqual(before.slice(1))
  const refused = await portal.call(`/crm/v3/lists/${id}/memberships/add`, [first], { method: 'PUT' })
  expect(refused.status).toBe(400)
  const read = await portal.call<{ list: Segment }>(`/crm/v3/lists/${id}?includeFilters=true`)
  expect(read.json().list).toMatchObject({
    processingType: 'DYNAMIC',
    objectTypeId: '0-2',
    size: before.length - 1,
    filterBranch: { filterBranchType: 'OR' },
  })
})

it('lets records be put into a list by hand and taken out, and says which are missing', async () => {
  await using portal = await openPortal()
  const [first, second] = (await listAll(portal, 'contacts')) as [string, string]
  const made = await portal.call<{ list: Segment }>('/crm/v3/lists/', {
    name: 'Guests of the fair',
    objectTypeId: '0-1',
    processingType: 'MANUAL',
  })
  const { listId } = made.json().list
  const path = `/crm/v3/lists/${listId}/memberships`
  const added = await portal.call(`${path}/add`, [first, second, '1'], { method: 'PUT' })
  expect(added.json()).toEqual({
    recordsIdsAdded: [first, second],
    recordIdsRemoved: [],
    recordIdsMissing: ['1'],
  })
  const both = { recordIdsToAdd: [], recordIdsToRemove: [first] }
  await portal.call(`${path}/add-and-remove`, both, { method: 'PUT' })
  expect(await members(portal, listId)).toEqual([second])
  const of = await portal.call(`/crm/v3/lists/records/0-1/${second}/memberships`)
  expect(of.json()).toMatchObject({ results: expect.arrayContaining([expect.objectContaining({ listId })]) })
  const twin = { name: 'Guests of the fair', objectTypeId: '0-1', processingType: 'MANUAL' }
  expect((await portal.call('/crm/v3/lists/', twin)).status).toBe(400)
  await portal.call(`/crm/v3/lists/${listId}`, undefined, { method: 'DELETE' })
  expect((await portal.call(`/crm/v3/lists/${listId}`)).status).toBe(404)
})

it('opens lists to those alone who may read them', async () => {
  await using portal = await openPortal({
    portals: [
      { portalId: 5, token: 'pat-few', companies: 5, seed: 1, scopes: ['crm.objects.companies.read'] },
    ],
  })
  const answer = await portal.call('/crm/v3/lists/1/memberships', undefined, { token: 'pat-few' })
  expect(answer.status).toBe(403)
  expect(answer.text).toContain('crm.lists.read')
})
