import { expect, it } from 'vitest'
import type { TokenGrant } from '#connectors/hubspot/app-wire.ts'
import type { ObjectSchema } from '#connectors/hubspot/schema-wire.ts'
import type { AssociationType, BatchAnswer, CrmRecord, ErrorBody } from '#connectors/hubspot/wire.ts'
import { listAll, type OpenPortal, openPortal, type Page } from './portal.ts'

const SCHEMAS = '/crm/v3/schemas'
const DELETE = { method: 'DELETE' }
const TRUNK = {
  name: 'trunk',
  labels: { singular: 'Trunk', plural: 'Trunks' },
  primaryDisplayProperty: 'trunk_name',
  requiredProperties: ['trunk_name'],
  searchableProperties: ['trunk_name'],
  properties: [
    { name: 'trunk_name', label: 'Name', type: 'string', fieldType: 'text' },
    { name: 'trunk_key', label: 'Key', type: 'string', fieldType: 'text', hasUniqueValue: true },
    { name: 'lines', label: 'Lines', type: 'number', fieldType: 'number' },
  ],
  associatedObjects: ['0-2'],
}
const makeTrunks = async (portal: OpenPortal): Promise<ObjectSchema> =>
  (await portal.call<ObjectSchema>(SCHEMAS, TRUNK)).json()

it('keeps records of a type that was made up, under each of its names', async () => {
  await using portal = await openPortal()
  const { objectTypeId, fullyQualifiedName } = await makeTrunks(portal)
  expect(fullyQualifiedName).toBe('p44180277_trunk')
  const rows = ['a', 'b'].map((key) => ({
    id: key,
    idProperty: 'trunk_key',
    properties: { trunk_name: `Trunk ${key}`, lines: '30' },
  }))
  const path = `/crm/v3/objects/${objectTypeId}`
  const made = await portal.call<BatchAnswer<CrmRecord>>(`${path}/batch/upsert`, { inputs: rows })
  expect(made.status).toBe(200)
  const lacking = await portal.call<ErrorBody>(path, { properties: { lines: '1' } })
  expect(lacking.json().context).toEqual({ properties: ['trunk_name'] })
  for (const name of [objectTypeId, 'p_trunk', fullyQualifiedName])
    expect(await listAll(portal, name)).toEqual(made.json().results.map((r) => r.id))
  const many = { propertyName: 'lines', operator: 'GTE', value: '30' }
  const found = await portal.call<Page>(`${path}/search`, { filterGroups: [{ filters: [many] }] })
  expect(found.json().total).toBe(2)
})

it('associates records of a made-up type, with type ids that the labels tell', async () => {
  await using portal = await openPortal()
  const { objectTypeId } = await makeTrunks(portal)
  const [company] = (await listAll(portal, 'companies')) as [string]
  const labels = await portal.call<{ results: AssociationType[] }>(
    `/crm/v4/associations/${objectTypeId}/companies/labels`,
  )
  const { typeId, category } = labels.json().results[0]!
  expect(category).toBe('USER_DEFINED')
  const trunk = await portal.call<CrmRecord>(`/crm/v3/objects/${objectTypeId}`, {
    properties: { trunk_name: 'Production' },
    associations: [
      { to: { id: company }, types: [{ associationCategory: category, associationTypeId: typeId }] },
    ],
  })
  const back = await portal.call<{ results: { toObjectId: number }[] }>(
    `/crm/v4/objects/companies/${company}/associations/${objectTypeId}`,
  )
  expect(back.json().results.map((r) => String(r.toObjectId))).toEqual([trunk.json().id])
})

it('gives a type up only when it has no records, and its name only when it is purged', async () => {
  await using portal = await openPortal()
  const { objectTypeId } = await makeTrunks(portal)
  expect((await portal.call(SCHEMAS, TRUNK)).status).toBe(409)
  const record = await portal.call<CrmRecord>(`/crm/v3/objects/${objectTypeId}`, {
    properties: { trunk_name: 'Production' },
  })
  expect((await portal.call(`${SCHEMAS}/${objectTypeId}`, undefined, DELETE)).status).toBe(400)
  await portal.call(`/crm/v3/objects/${objectTypeId}/${record.json().id}`, undefined, DELETE)
  expect((await portal.call(`${SCHEMAS}/${objectTypeId}`, undefined, DELETE)).status).toBe(204)
  expect((await portal.call(`/crm/v3/objects/${objectTypeId}`)).status).toBe(400)
  expect((await portal.call(SCHEMAS, TRUNK)).status).toBe(409)
  expect((await portal.call(`${SCHEMAS}/${objectTypeId}?archived=true`, undefined, DELETE)).status).toBe(204)
  expect((await portal.call(SCHEMAS, TRUNK)).status).toBe(201)
})

it('gives made-up types to enterprise accounts alone, whatever an app was granted', async () => {
  await using portal = await openPortal()
  const { objectTypeId } = await makeTrunks(portal)
  await portal.sim('account', { edition: 'professional' })
  const { access_token: token, scopes } = await portal.sim<TokenGrant & { scopes?: string[] }>('oauth', {
    install: 44_180_277,
  })
  expect(scopes).toBeUndefined()
  for (const credentials of [{}, { token }])
    for (const path of [SCHEMAS, `/crm/v3/objects/${objectTypeId}`]) {
      const refused = await portal.call<ErrorBody>(path, undefined, credentials)
      expect(refused.status).toBe(403)
      expect(refused.json()).toMatchObject({
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: [expect.stringContaining('.custom.read')] } }],
      })
    }
  const info = await portal.call<{ scopes: string[] }>(`/oauth/v1/access-tokens/${token}`)
  expect(info.json().scopes.filter((scope) => scope.includes('custom'))).toEqual([])
  await portal.sim('account', { edition: 'enterprise' })
  expect((await portal.call(SCHEMAS)).status).toBe(200)
})
