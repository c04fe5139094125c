import { expect, it } from 'vitest'
import type { BatchAnswer, CrmRecord, ErrorBody } from '#connectors/hubspot/wire.ts'
import { listAll, type OpenPortal, openPortal } from './portal.ts'

const COMPANIES = '/crm/v3/objects/companies'
const CONTACTS = '/crm/v3/objects/contacts'
const PATCH = { method: 'PATCH' }

const unique = (portal: OpenPortal, type: string) =>
  portal.call(`/crm/v3/properties/${type}`, {
    groupName: type === 'contacts' ? 'contactinformation' : 'companyinformation',
    name: 'hub_external_key',
    label: 'Hub key',
    type: 'string',
    fieldType: 'text',
    hasUniqueValue: true,
  })

it('refuses a contact whose address is taken, however it is written, and names who has it', async () => {
  await using portal = await openPortal()
  const first = await portal.call<CrmRecord>(CONTACTS, {
    properties: { email: 'Ida.Moss@brandnew-voice.com' },
  })
  const again = await portal.call<ErrorBody>(CONTACTS, {
    properties: { email: 'ida.moss@BRANDNEW-voice.com' },
  })
  expect(again.status).toBe(409)
  expect(again.json()).toMatchObject({
    category: 'CONFLICT',
    message: `Contact already exists. Existing ID: ${first.json().id}`,
  })
  const batch = { inputs: [{ properties: { email: 'ida.moss@brandnew-voice.com' } }] }
  expect((await portal.call(`${CONTACTS}/batch/create`, batch)).status).toBe(409)
})

it('lets one of many simultaneous creates through and refuses the others, though a search still finds nobody', async () => {
  await using portal = await openPortal()
  await portal.sim('faults', { indexLagMs: 60_000 })
  const create = () => portal.call<ErrorBody>(CONTACTS, { properties: { email: 'race@brandnew-voice.com' } })
  const answers = await Promise.all(Array.from({ length: 8 }, create))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)])
  const email = { propertyName: 'email', operator: 'EQ', value: 'race@brandnew-voice.com' }
  const found = await portal.call(`${CONTACTS}/search`, { filterGroups: [{ filters: [email] }] })
  expect(found.json()).toMatchObject({ total: 0 })
})

it('says what is wrong with each value of a write, in the words of HubSpot', async () => {
  await using portal = await openPortal()
  const [id] = (await listAll(portal, 'companies')) as [string]
  const wrong = await portal.call<ErrorBody>(
    `${COMPANIES}/${id}`,
    {
      properties: {
        no_such_property: 'x',
        hs_lastmodifieddate: '2026-01-01T00:00:00Z',
        lifecyclestage: 'friend',
        annualrevenue: 'plenty',
        renewal_date: '2026-01-01T10:00:00Z',
        nda_signed: 'perhaps',
        city: 'Elko',
      },
    },
    PATCH,
  )
  expect(wrong.status).toBe(400)
  const body = wrong.json()
  expect(body.category).toBe('VALIDATION_ERROR')
  expect(Object.fromEntries(body.errors!.map((e) => [e.context!.propertyName![0]!, e.code]))).toEqual({
    no_such_property: 'PROPERTY_DOESNT_EXIST',
    hs_lastmodifieddate: 'READ_ONLY_VALUE',
    lifecyclestage: 'INVALID_OPTION',
    annualrevenue: 'INVALID_INTEGER',
    renewal_date: 'INVALID_DATE',
    nda_signed: 'INVALID_OPTION',
  })
  const listed = JSON.parse(body.message.replace('Property values were not valid: ', '')) as unknown[]
  expect(listed).toHaveLength(6)
  expect(listed[0]).toMatchObject({ isValid: false, error: 'PROPERTY_DOESNT_EXIST', portalId: 44_180_277 })
  const untouched = await portal.call<CrmRecord>(`${COMPANIES}/${id}?properties=city`)
  expect(untouched.json().properties.city).not.toBe('Elko')
})

it('refuses an owner that nobody is and a text that is too long, unless a user plays them', async () => {
  await using portal = await openPortal()
  const [id] = (await listAll(portal, 'companies')) as [string]
  const odd = { hubspot_owner_id: '1', description: 'x'.repeat(65_537) }
  const refused = await portal.call<ErrorBody>(`${COMPANIES}/${id}`, { properties: odd }, PATCH)
  expect(refused.json().errors!.map((e) => e.code)).toEqual(['INVALID_OWNER_ID', 'TEXT_TOO_LONG'])
  await portal.sim('records/companies', { id, properties: odd })
  const [owner] = (await portal.call<{ results: { id: string }[] }>('/crm/v3/owners/')).json().results
  const rightly = { properties: { hubspot_owner_id: owner!.id } }
  expect((await portal.call(`${COMPANIES}/${id}`, rightly, PATCH)).status).toBe(200)
})

it('names the properties that a new record lacks', async () => {
  await using portal = await openPortal()
  const lacking = async (type: string, properties: Record<string, string>) => {
    const answer = await portal.call<ErrorBody>(`/crm/v3/objects/${type}`, { properties })
    expect(answer.status).toBe(400)
    return [answer.json().message, answer.json().context?.properties]
  }
  expect(await lacking('tasks', { hs_task_subject: 'When?' })).toEqual([
    'Error creating TASK. Some required properties were not set.',
    ['hs_timestamp'],
  ])
  expect((await lacking('companies', { city: 'Elko' }))[1]).toEqual(['name', 'domain'])
  expect((await lacking('deals', { dealname: 'Stageless' }))[1]).toEqual(['dealstage'])
})

it('upserts by a unique property: makes what is new, changes what is there, and says which was which', async () => {
  await using portal = await openPortal()
  await unique(portal, 'companies')
  const upsert = (inputs: object[]) =>
    portal.call<BatchAnswer<CrmRecord & { new: boolean }>>(`${COMPANIES}/batch/upsert`, { inputs })
  const row = (id: string, properties: object) => ({ id, idProperty: 'hub_external_key', properties })
  const made = (await upsert([row('k1', { name: 'One' }), row('k2', { name: 'Two' })])).json()
  expect(made.results.map((r) => r.new)).toEqual([true, true])
  const again = (await upsert([row('k1', { city: 'Elko' }), row('k3', { name: 'Three' })])).json()
  expect(again.results.map((r) => [r.id === made.results[0]!.id, r.new])).toEqual([
    [true, false],
    [false, true],
  ])
  const byKey = await portal.call<CrmRecord>(
    `${COMPANIES}/k1?idProperty=hub_external_key&properties=name,city,hub_external_key`,
  )
  expect(byKey.json().properties).toMatchObject({ name: 'One', city: 'Elko', hub_external_key: 'k1' })
})

it('refuses a batch that means one record twice, that goes by what is not unique, or that is too long', async () => {
  await using portal = await openPortal()
  await unique(portal, 'companies')
  const refused = async (verb: string, inputs: object[]) => {
    const answer = await portal.call<ErrorBody>(`${COMPANIES}/batch/${verb}`, { inputs })
    expect(answer.status).toBe(400)
    return answer.json().message
  }
  const row = (idProperty: string, id: string) => ({
    id,
    idProperty,
    objectWriteTraceId: id,
    properties: { name: 'x' },
  })
  const twice = [row('hub_external_key', 'k1'), row('hub_external_key', 'k1')]
  expect(await refused('upsert', twice)).toMatch(/Duplicate IDs found in batch input: \[k1\]/)
  const plain = { id: 'x.com', idProperty: 'domain', properties: { name: 'x' } }
  expect(await refused('upsert', [plain])).toMatch(/non-unique 0-2 property domain/)
  expect(await refused('update', [{ ...plain, idProperty: 'hs_object_id' }])).toMatch(/non-unique/)
  const many = Array.from({ length: 101 }, (_, i) => ({ properties: { name: `${i}` } }))
  expect(await refused('create', many)).toMatch(/100/)
})

it('writes nothing of a batch without trace ids when one row is wrong, and all but that row with them', async () => {
  await using portal = await openPortal()
  await unique(portal, 'companies')
  const before = (await listAll(portal, 'companies')).length
  const rows = [
    { properties: { name: 'Good', hub_external_key: 'g' } },
    { properties: { name: 'Twin', hub_external_key: 'g' } },
    { properties: { name: 'Bad', annualrevenue: 'plenty' } },
  ]
  const create = (inputs: object[]) =>
    portal.call<BatchAnswer<CrmRecord>>(`${COMPANIES}/batch/create`, { inputs })
  expect((await create(rows.slice(0, 2))).status).toBe(409)
  expect((await create([rows[0]!, rows[2]!])).status).toBe(400)
  expect(await listAll(portal, 'companies')).toHaveLength(before)
  const some = await create(rows.map((row, i) => ({ ...row, objectWriteTraceId: `r${i}` })))
  expect(some.status).toBe(207)
  expect(some.json().numErrors).toBe(2)
  expect(some.json().errors!.map((e) => e.context.objectWriteTraceId)).toEqual([['r1'], ['r2']])
  expect(some.json().errors![0]!.message).toMatch(/already has that value/)
  expect(await listAll(portal, 'companies')).toHaveLength(before + 1)
})

it('holds writes to what an administrator wants, always or under a condition', async () => {
  await using portal = await openPortal()
  await portal.sim('properties/companies', { name: 'city', required: true })
  const condition = { property: 'lifecyclestage', values: ['customer'] }
  await portal.sim('properties/companies', { name: 'phone', required: condition })
  const codes = async (properties: object) => {
    const answer = await portal.call<ErrorBody>(COMPANIES, { properties })
    return answer.status === 201 ? [] : answer.json().errors!.map((e) => e.code)
  }
  expect(await codes({ name: 'x' })).toEqual(['MISSING_REQUIRED_PROPERTY'])
  expect(await codes({ name: 'x', city: 'Elko', lifecyclestage: 'customer' })).toEqual([
    'MISSING_CONDITIONAL_REQUIRED_PROPERTY',
  ])
  expect(await codes({ name: 'x', city: 'Elko', lifecyclestage: 'customer', phone: '1' })).toEqual([])
  await portal.sim('properties/companies', { name: 'city', required: false })
  expect(await codes({ name: 'x' })).toEqual([])
})

it('keeps a person who was deleted for good from coming back, by any door', async () => {
  await using portal = await openPortal()
  const { id } = (
    await portal.call<CrmRecord>(CONTACTS, { properties: { email: 'gone@brandnew-voice.com' } })
  ).json()
  const erased = await portal.call(`${CONTACTS}/gdpr-delete`, { objectId: id })
  expect(erased.status).toBe(204)
  expect((await portal.call(`${CONTACTS}/${id}`)).status).toBe(404)
  expect(await listAll(portal, 'contacts', '&archived=true')).not.toContain(id)
  const back = { properties: { email: 'GONE@brandnew-voice.com' } }
  expect((await portal.call(CONTACTS, back)).status).toBe(400)
  const traced = await portal.call(`${CONTACTS}/batch/create`, {
    inputs: [{ ...back, objectWriteTraceId: 'r1' }],
  })
  expect(traced.status).toBe(207)
})
