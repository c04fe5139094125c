import { expect, it } from 'vitest'
import { VendorInconsistent, VendorRefused } from '#connectors/contract.ts'
import { crmRecord, gather, type Heard, numbers, type Reply, scriptedPortal } from './scripted-portal.ts'
import { steppedClock } from './stepped-clock.ts'

/** Lists ids 1 … count, `limit` per page; `after` is the last id given. */
const listOf = (count: number, { query }: Heard): Reply => {
  const after = Number(query.get('after') ?? 0)
  const ids = numbers(count).slice(after, after + Number(query.get('limit')))
  const last = ids.at(-1) ?? 0
  const paging = last < count ? { paging: { next: { after: String(last) } } } : {}
  return { body: { results: ids.map((id) => crmRecord(id)), ...paging } }
}

it('lists every record once, a hundred per request, and tells after each page where to go on', async () => {
  await using portal = await scriptedPortal((heard) => listOf(250, heard))
  const client = portal.open()
  const next: (string | undefined)[] = []
  for await (const page of client.list('companies', { properties: ['name', 'domain'] })) next.push(page.next)
  expect(next).toEqual(['100', '200', undefined])
  expect(await gather(client.list('companies', { after: '200' }))).toHaveLength(50)
  expect(portal.heard[0]!.query.get('properties')).toBe('name,domain')
  expect(client.requests).toMatchObject({ total: 4, list: 4 })
})

it('lists archived records only when asked for them', async () => {
  await using portal = await scriptedPortal(({ query }) => ({
    body: {
      results: query.get('archived')
        ? [{ ...crmRecord(7), archived: true, archivedAt: '2026-11-01T00:00:00Z' }]
        : [],
    },
  }))
  const [record] = await gather(portal.open().list('contacts', { archived: true }))
  expect(record).toMatchObject({ id: '7', archived: true, archivedAt: '2026-11-01T00:00:00Z' })
  expect(await gather(portal.open().list('contacts'))).toEqual([])
})

it.each([
  [
    'gives a page twice',
    (after: string | null) => ({ ids: after ? [2, 3] : [1, 2], after: after ? '9' : '5' }),
  ],
  [
    'gives a cursor that does not advance',
    (after: string | null) => ({ ids: after ? [3] : [1, 2], after: '5' }),
  ],
  ['gives one record twice in a page', () => ({ ids: [1, 1], after: undefined })],
  [
    'goes round in a circle',
    (after: string | null) => ({
      ids: [Number(after ?? 0) + 10],
      after: after === '2' ? '1' : after === '1' ? '2' : '1',
    }),
  ],
  [
    'announces empty pages for ever',
    (after: string | null) => ({ ids: [], after: String(Number(after ?? 0) + 1) }),
  ],
])('ends with a typed error when the portal %s', async (_, page) => {
  await using portal = await scriptedPortal(({ query }) => {
    const { ids, after } = page(query.get('after'))
    return {
      body: { results: ids.map((id) => crmRecord(id)), ...(after ? { paging: { next: { after } } } : {}) },
    }
  })
  await expect(gather(portal.open().list('contacts'))).rejects.toMatchObject({
    code: VendorInconsistent.code,
  })
  expect(portal.heard.length).toBeLessThan(15)
})

it('gives each linked record once though it comes per association type, and knows the primary one', async () => {
  const types = ['contact_to_company_unlabeled', 'contact_to_company']
  const results = [
    { id: '501', type: types[0] },
    { id: '501', type: types[1] },
    { id: '502', type: types[0] },
  ]
  await using portal = await scriptedPortal(() => ({
    body: { results: [{ ...crmRecord(1), associations: { companies: { results } } }, crmRecord(2)] },
  }))
  const [first, second] = await gather(
    portal.open().list('contacts', { associations: ['companies', 'deals'] }),
  )
  expect(first!.associations).toEqual({
    companies: [
      { id: '501', primary: true, labels: [] },
      { id: '502', primary: false, labels: [] },
    ],
    deals: [],
  })
  expect(second!.associations).toEqual({ companies: [], deals: [] })
  expect(portal.heard).toHaveLength(1)
})

it('completes link lists that are too long to come inline, all of a page in one more request', async () => {
  const long = numbers(260, 1000)
  await using portal = await scriptedPortal(({ path, body }) => {
    if (path === '/crm/v3/objects/companies') {
      const inline = long
        .slice(0, 100)
        .map((id) => ({ id: String(id), type: 'company_to_contact_unlabeled' }))
      const cut = { contacts: { results: inline, paging: { next: { after: '100' } } } }
      return {
        body: {
          results: [1, 2, 3].map((id) => ({ ...crmRecord(id), ...(id < 3 ? { associations: cut } : {}) })),
        },
      }
    }
    const { inputs } = body as { inputs: { id: string; after?: string }[] }
    const results = inputs.map(({ id, after }) => ({
      from: { id },
      to: (after ? long.slice(200) : long.slice(0, 200)).map((toObjectId) => ({
        toObjectId,
        associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 280, label: null }],
      })),
      ...(after ? {} : { paging: { next: { after: '200' } } }),
    }))
    return { body: { status: 'COMPLETE', results } }
  })
  const client = portal.open()
  const records = await gather(client.list('companies', { associations: ['contacts'] }))
  expect(records.map((record) => record.associations?.contacts?.length)).toEqual([260, 260, 0])
  expect(client.requests).toMatchObject({ list: 1, associations: 2 })
})

it('fault 31: reads a thousand custom properties without an address that is too long', async () => {
  const properties = numbers(1_000).map((n) => `custom_property_number_${n}`)
  await using portal = await scriptedPortal((heard) => {
    if (heard.target.length > 15_000)
      return { status: 414, headers: { 'content-type': 'text/html' }, body: 'too long' }
    if (heard.method === 'GET') return listOf(230, heard)
    const { inputs, properties: names } = heard.body as { inputs: { id: string }[]; properties: string[] }
    if (inputs.length > 100) return { status: 400 }
    const values = Object.fromEntries(names.map((name) => [name, 'v']))
    // Results come in any order.
    return {
      body: { status: 'COMPLETE', results: inputs.map(({ id }) => crmRecord(id, 0, values)).reverse() },
    }
  })
  const client = portal.open()
  const records = await gather(client.list('contacts', { properties }))
  expect(records.map((record) => record.id)).toEqual(numbers(230).map(String))
  expect(records.every((record) => properties.every((name) => record.properties[name] === 'v'))).toBe(true)
  expect(client.requests).toMatchObject({ list: 3, read: 3, total: 6 })
})

it('reads batches of a hundred, tells what is missing, and asks once for an id given twice', async () => {
  await using portal = await scriptedPortal(({ body }) => {
    const { inputs } = body as { inputs: { id: string }[] }
    const found = inputs.filter(({ id }) => Number(id) % 50 !== 0)
    const missing = inputs.filter(({ id }) => Number(id) % 50 === 0).map(({ id }) => id)
    const errors = [
      { status: 'error', category: 'OBJECT_NOT_FOUND', message: 'gone', context: { ids: missing } },
    ]
    return {
      status: 207,
      body: { status: 'COMPLETE', results: found.map(({ id }) => crmRecord(id)), numErrors: 1, errors },
    }
  })
  const client = portal.open()
  const asked = [...numbers(250), 1, 2].map(String)
  const { records, missing } = await client.readBatch('deals', asked, ['dealname'])
  expect(records).toHaveLength(245)
  expect(missing).toEqual(['50', '100', '150', '200', '250'])
  expect(client.requests.read).toBe(3)
})

it('reads by a unique property and matches it without case', async () => {
  await using portal = await scriptedPortal(({ body }) => {
    expect(body).toMatchObject({ idProperty: 'email', properties: ['email'] })
    return { body: { status: 'COMPLETE', results: [crmRecord(5, 0, { email: 'ann@acme.example' })] } }
  })
  const { records, missing } = await portal
    .open()
    .readBatch('contacts', ['Ann@acme.example', 'bo@acme.example'], [], 'email')
  expect(records.map((record) => record.id)).toEqual(['5'])
  expect(missing).toEqual(['bo@acme.example'])
})

it('reads the links of 2,300 records in three requests, keeps ids beyond 2^53 exact, and takes “none” for an answer', async () => {
  await using portal = await scriptedPortal(({ body }) => {
    const { inputs } = body as { inputs: { id: string }[] }
    const linked = inputs.filter(({ id }) => Number(id) % 2 === 1)
    const types =
      '[{"category":"HUBSPOT_DEFINED","typeId":279,"label":null},{"category":"HUBSPOT_DEFINED","typeId":1,"label":"Primary"},{"category":"USER_DEFINED","typeId":36,"label":"Billing"}]'
    const rows = linked.map(
      ({ id }) =>
        `{"from":{"id":"${id}"},"to":[{"toObjectId":9007199254740993,"associationTypes":${types}}]}`,
    )
    const errors = [
      { category: 'OBJECT_NOT_FOUND', subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND', context: {} },
    ]
    return {
      status: 207,
      body: `{"status":"COMPLETE","results":[${rows.join()}],"errors":${JSON.stringify(errors)}}`,
    }
  })
  const client = portal.open()
  const links = await client.associations('contacts', 'companies', numbers(2_300).map(String))
  expect(links.size).toBe(2_300)
  expect(links.get('1')).toEqual([{ id: '9007199254740993', primary: true, labels: ['Billing'] }])
  expect(links.get('2')).toEqual([])
  expect(client.requests.associations).toBe(3)
})

it('does not take an association error that it does not know for “no links”', async () => {
  let calls = 0
  await using portal = await scriptedPortal(() => {
    calls += 1
    const errors = [{ category: 'INTERNAL_ERROR', context: { fromObjectId: ['1'] } }]
    const link = { from: { id: '1' }, to: [{ toObjectId: 7, associationTypes: [] }] }
    return calls === 1
      ? { status: 207, body: { status: 'COMPLETE', results: [], errors } }
      : { body: { status: 'COMPLETE', results: [link] } }
  }, steppedClock())
  const links = await portal.open().associations('contacts', 'deals', ['1'])
  expect(links.get('1')?.map((link) => link.id)).toEqual(['7'])
})

it('follows a merge by single read and answers undefined for what is not there', async () => {
  await using portal = await scriptedPortal(({ path }) =>
    path.endsWith('/11')
      ? { body: crmRecord(12, 0, { hs_merged_object_ids: '11;10' }) }
      : { status: 404, body: { category: 'OBJECT_NOT_FOUND', message: 'resource not found' } },
  )
  const client = portal.open()
  expect((await client.get('companies', '11', ['hs_merged_object_ids']))?.id).toBe('12')
  expect(await client.get('companies', '99')).toBeUndefined()
})

it('reads what a portal tells about itself', async () => {
  await using portal = await scriptedPortal(({ path, query }) => {
    if (path.startsWith('/account-info'))
      return { body: { portalId: 33, timeZone: 'US/Eastern', companyCurrency: 'EUR' } }
    if (path === '/crm/v3/owners/')
      return query.get('archived')
        ? { body: { results: [{ id: '2', email: 'b@x.example', userId: null, archived: true }] } }
        : query.get('after')
          ? { body: { results: [{ id: '3', userId: 77 }] } }
          : {
              body: {
                results: [{ id: '1', email: 'a@x.example', firstName: 'A' }],
                paging: { next: { after: 'x' } },
              },
            }
    if (path.includes('pipelines'))
      return {
        body: {
          results: [
            {
              id: 'default',
              label: 'Sales',
              stages: [{ id: 'won', label: 'Won', metadata: { isClosed: 'true', probability: '1.0' } }],
            },
          ],
        },
      }
    if (path.endsWith('/nothing')) return { status: 404, body: { category: 'OBJECT_NOT_FOUND' } }
    return {
      body: { results: [{ name: 'amount', type: 'number', modificationMetadata: { readOnlyValue: true } }] },
    }
  })
  const client = portal.open()
  expect(await client.account()).toMatchObject({ portalId: '33', companyCurrency: 'EUR' })
  expect((await client.owners()).map(({ id, archived, userId }) => [id, archived, userId])).toEqual([
    ['2', true, null],
    ['1', false, null],
    ['3', false, '77'],
  ])
  expect((await client.pipelines('deals'))[0]!.stages[0]!.metadata).toEqual({
    isClosed: 'true',
    probability: '1.0',
  })
  expect(await client.properties('deals')).toMatchObject([
    { name: 'amount', readOnlyValue: true, hasUniqueValue: false },
  ])
  await expect(client.properties('nothing')).rejects.toMatchObject({ code: VendorRefused.code })
  expect(client.requests.setup).toBe(7)
})
