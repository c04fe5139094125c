import { expect, it } from 'vitest'
import { listAll, openPortal, type Page } from './portal.ts'

it('has exactly the records that its size promises', async () => {
  await using portal = await openPortal({ companies: 500 })
  await portal.sim('limits', 'off')
  const counts = await Promise.all(
    ['companies', 'contacts', 'deals', 'tickets'].map(
      async (type) => new Set(await listAll(portal, type)).size,
    ),
  )
  expect(counts).toEqual([500, 1_500, 400, 200])
})

it('pages an inline association list past its cap and leads to the rest', async () => {
  await using portal = await openPortal({ companies: 500 })
  await portal.sim('limits', 'off')
  const pages: Page['results'] = []
  for (let after = ''; ; ) {
    const path = `/crm/v3/objects/companies?limit=100&associations=contacts${after}`
    const page = (await portal.call<Page>(path)).json()
    pages.push(...page.results)
    if (page.paging?.next === undefined) break
    after = `&after=${page.paging.next.after}`
  }
  const big = pages.find((r) => r.associations?.contacts?.paging !== undefined)!
  const first = big.associations!.contacts!
  expect(first.results).toHaveLength(100)
  const entries = [...first.results]
  for (let next = first.paging?.next.link; next !== undefined; ) {
    const { pathname, search } = new URL(next)
    const page = (await portal.call<typeof first>(pathname + search)).json()
    entries.push(...page.results)
    next = page.paging?.next.link
  }
  const distinct = new Set(entries.map((e) => e.id))
  expect(entries.length).toBeGreaterThan(distinct.size)
  const v4 = (
    await portal.call<{ results: { toObjectId: number }[] }>(
      `/crm/v4/objects/companies/${big.id}/associations/contacts`,
    )
  ).json()
  expect(new Set(v4.results.map((r) => String(r.toObjectId)))).toEqual(distinct)
  expect(distinct.size).toBeGreaterThan(100)
})

it('answers associations the same from both sides', async () => {
  await using portal = await openPortal({ companies: 60 })
  await portal.sim('limits', 'off')
  const pairs: [string, string][] = [
    ['contacts', 'companies'],
    ['deals', 'companies'],
    ['deals', 'contacts'],
    ['tickets', 'companies'],
    ['tickets', 'contacts'],
  ]
  const edges = async (from: string, to: string) => {
    const inputs = (await listAll(portal, from)).map((id) => ({ id }))
    const { results } = (
      await portal.call<{ results: { from: { id: string }; to: { toObjectId: number }[] }[] }>(
        `/crm/v4/associations/${from}/${to}/batch/read`,
        { inputs },
      )
    ).json()
    return results.flatMap((r) => r.to.map((t) => [r.from.id, String(t.toObjectId)] as const))
  }
  for (const [from, to] of pairs) {
    const there = (await edges(from, to)).map(([a, b]) => `${a}>${b}`).sort()
    const back = (await edges(to, from)).map(([a, b]) => `${b}>${a}`).sort()
    expect(there.length).toBeGreaterThan(0)
    expect(back).toEqual(there)
  }
})

it('moves a merged record to a new id, with its associations and e-mail addresses', async () => {
  await using portal = await openPortal()
  const [a, b] = (await listAll(portal, 'contacts', '&associations=deals')) as [string, string]
  const before = await portal.sim<Dump>(`records/contacts?ids=${a},${b}&associations=companies,deals`)
  const survivor = (
    await portal.call<{ id: string }>('/crm/v3/objects/contacts/merge', {
      primaryObjectId: a,
      objectIdToMerge: b,
    })
  ).json()
  expect([a, b]).not.toContain(survivor.id)
  const read = await portal.call<Page['results'][0]>(
    `/crm/v3/objects/contacts/${b}?properties=email,hs_additional_emails,hs_merged_object_ids`,
  )
  expect(read.json().id).toBe(survivor.id)
  expect(read.json().properties.hs_merged_object_ids?.split(';').sort()).toEqual([a, b].sort())
  expect(read.json().properties.email).toBe(before.results[0]!.properties.email)
  const listed = await listAll(portal, 'contacts')
  expect(listed).toContain(survivor.id)
  expect(listed).not.toContain(a)
  expect(await listAll(portal, 'contacts', '&archived=true')).not.toContain(b)
  const after = await portal.sim<Dump>(`records/contacts?ids=${survivor.id}&associations=companies,deals`)
  const ids = (dump: Dump, to: string) =>
    new Set(dump.results.flatMap((r) => r.associations[to]!.map((e) => e.id)))
  expect(ids(after, 'companies')).toEqual(ids(before, 'companies'))
  expect(ids(after, 'deals')).toEqual(ids(before, 'deals'))
})

it('keeps the primary id of a merge when the portal is told so', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', { mergedRecordId: 'primary' })
  const [a, b] = (await listAll(portal, 'companies')) as [string, string]
  await portal.sim('records/companies', { id: a, merge: b })
  const read = (await portal.call<{ id: string }>(`/crm/v3/objects/companies/${b}`)).json()
  expect(read.id).toBe(a)
})

it('hides the associations of an archived record and brings them back with it', async () => {
  await using portal = await openPortal()
  const { results } = await portal.sim<Dump>('records/deals?associations=companies')
  const deal = results[0]!
  const company = deal.associations.companies![0]!.id
  const count = async () =>
    (
      await portal.call<{ results: unknown[] }>(`/crm/v4/objects/deals/${deal.id}/associations/companies`)
    ).json().results.length
  await portal.sim('records/companies', { id: company, archive: true })
  expect(await count()).toBe(0)
  expect(await listAll(portal, 'companies', '&archived=true')).toEqual([company])
  await portal.sim('records/companies', { id: company, restore: true })
  expect(await count()).toBe(1)
  expect(await listAll(portal, 'companies', '&archived=true')).toEqual([])
})

it('takes rows of a batch one by one only when each carries a trace id', async () => {
  await using portal = await openPortal()
  const [a, b] = (await listAll(portal, 'companies')) as [string, string]
  const inputs = [
    { id: a, objectWriteTraceId: 'good', properties: { city: 'Elko' } },
    { id: b, objectWriteTraceId: 'bad', properties: { annualrevenue: 'plenty' } },
  ]
  const path = '/crm/v3/objects/companies/batch/update'
  const partial = await portal.call(path, { inputs })
  expect(partial.status).toBe(207)
  expect(partial.json()).toMatchObject({
    numErrors: 1,
    results: [{ id: a }],
    errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['bad'] } }],
  })
  const untraced = inputs.map(({ objectWriteTraceId: _, ...input }) => input)
  expect((await portal.call(path, { inputs: untraced })).status).toBe(400)
})

it('moves a lifecycle stage only forward, unless it is cleared first', async () => {
  await using portal = await openPortal()
  const path = '/crm/v3/objects/companies'
  const { id } = (
    await portal.call<{ id: string }>(path, { properties: { name: 'Stage', lifecyclestage: 'customer' } })
  ).json()
  const stage = async (value: string) => {
    await portal.call(`${path}/${id}`, { properties: { lifecyclestage: value } }, { method: 'PATCH' })
    const read = await portal.call<Page['results'][0]>(`${path}/${id}?properties=lifecyclestage`)
    return read.json().properties.lifecyclestage
  }
  expect(await stage('lead')).toBe('customer')
  expect(await stage('')).toBeNull()
  expect(await stage('lead')).toBe('lead')
})

it('answers 414 to a list of a thousand properties and gives them all by batch', async () => {
  await using portal = await openPortal({ customProperties: { contacts: 1_000 } })
  const definitions = (await portal.call<Page>('/crm/v3/properties/contacts')).json()
  const names = definitions.results.map((d) => (d as unknown as { name: string }).name)
  expect(names.length).toBeGreaterThan(1_000)
  const long = await portal.call(`/crm/v3/objects/contacts?${names.map((n) => `properties=${n}`).join('&')}`)
  expect(long.status).toBe(414)
  const [id] = await listAll(portal, 'contacts')
  const batch = (
    await portal.call<Page>('/crm/v3/objects/contacts/batch/read', { properties: names, inputs: [{ id }] })
  ).json()
  expect(Object.keys(batch.results[0]!.properties).sort()).toEqual([...names].sort())
  expect(batch.results[0]!.properties.made_up_1000).toMatch(/^v\d+$/)
})

it('forgets a property that an administrator deletes', async () => {
  await using portal = await openPortal()
  await portal.sim('properties/companies', { name: 'nda_signed', archived: true })
  const [id] = await listAll(portal, 'companies')
  const read = await portal.call<Page['results'][0]>(`/crm/v3/objects/companies/${id}?properties=nda_signed`)
  expect(read.json().properties).not.toHaveProperty('nda_signed')
  const write = await portal.call(
    `/crm/v3/objects/companies/${id}`,
    { properties: { nda_signed: 'true' } },
    { method: 'PATCH' },
  )
  expect(write.json()).toMatchObject({ errors: [{ code: 'PROPERTY_DOESNT_EXIST' }] })
})

interface Dump {
  results: {
    id: string
    properties: Record<string, string | null>
    associations: Record<string, { id: string; typeIds: number[] }[]>
  }[]
}
