import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { type ConnectionsBed, connectionsBed, DEMO_TOKEN, FIRST_PORTAL } from '../connections/bed.ts'

/** A portal as life has made it: many properties, several pipelines, things renamed and put away, and a scope it does not grant. */
const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
let id: string
let companies: { id: string }[]

const TIERS = ['premium', 'silver', 'bronze']
const hubspot = async (path: string, body: object): Promise<void> => {
  const answer = await fetch(`${bed.portal.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
}

beforeAll(async () => {
  bed = stack.use(await connectionsBed({ companies: 12 }))
  const property = (name: string, more: object = {}) => ({
    ...{ name, label: name.replaceAll('_', ' '), type: 'string', fieldType: 'text' },
    groupName: 'companyinformation',
    ...more,
  })
  const options = (values: string[]) => values.map((value) => ({ value, label: value.toUpperCase() }))
  const inputs = [
    property('tier', {
      type: 'enumeration',
      fieldType: 'select',
      options: options(['gold', 'silver', 'bronze']),
    }),
    property('seats', { type: 'number', fieldType: 'number' }),
    property('yearly_cents', { type: 'string' }),
    property('legacy_code'),
    ...Array.from({ length: 37 }, (_, n) => property(`detail_${n + 1}`)),
  ]
  await hubspot('/crm/v3/properties/companies/batch/create', { inputs })
  await bed.sim('properties/companies', { name: 'tier', options: options(TIERS) })
  await bed.sim('properties/companies', { name: 'legacy_code', archived: true })
  for (const label of ['Renewals', 'Partners'])
    await hubspot('/crm/v3/pipelines/deals', {
      label,
      displayOrder: 9,
      stages: [
        { label: `${label} open`, displayOrder: 0, metadata: { probability: '0.5' } },
        { label: `${label} won`, displayOrder: 1, metadata: { probability: '1.0' } },
      ],
    })
  companies = (await bed.sim<{ results: { id: string }[] }>('records/companies?limit=100')).results
  await bed.sim(
    'records/companies',
    companies.map((company, n) => ({
      id: company.id,
      properties: {
        tier: TIERS[n % 3],
        seats: String(n + 1),
        yearly_cents: `${(n + 1) * 100_000}`,
        detail_7: `seven ${n}`,
      },
    })),
  )
  await bed.sim('faults', { withheldScopes: ['tickets'] })
})
afterAll(() => stack.disposeAsync())

const preview = /* GraphQL */ `
  query ($id: ID!, $changes: [FieldMappingInput!]!) {
    previewMapping(integrationId: $id, objectType: COMPANIES, changes: $changes, sample: 12) {
      ... on MappingPreview { savable problems { code property } records { externalId fields { field after problem } } }
    }
  }
`
const INDUSTRY = {
  field: 'industry',
  properties: ['tier'],
  transforms: [{ kind: 'ENUM_MAP', options: TIERS.map((from) => ({ from, to: `${from} customers` })) }],
}
const REVENUE = {
  field: 'annualRevenue',
  properties: ['yearly_cents'],
  transforms: [{ kind: 'CURRENCY', unit: 'MINOR' }],
}
/** Made for a sister portal, before anything was renamed and put away. */
const FILE = JSON.stringify({
  format: 'tributary-mappings/1',
  objects: {
    companies: {
      industry: {
        properties: ['tier'],
        transforms: [{ kind: 'ENUM_MAP', options: [{ from: 'gold', to: 'gold customers' }] }],
      },
      warpBan: { properties: ['legacy_code'] },
      employees: { properties: ['seats'] },
    },
  },
})

it('connects through HubSpot’s page and names the scope that is missing, with what is done without it', async () => {
  id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  expect((await bed.runs()).map(({ state }) => state)).toEqual(['COMPLETED'])
  const { data } = await bed.ask(/* GraphQL */ `
    { hubspotIntegrations(first: 5) { nodes { features { capability isOn missingScopes fallback } counts { type count } } } }
  `)
  const [{ features, counts }] = data.hubspotIntegrations.nodes
  const off = features.filter(({ isOn }: { isOn: boolean }) => !isOn)
  expect(off).toEqual([
    {
      capability: 'TICKETS',
      isOn: false,
      missingScopes: ['tickets'],
      fallback: 'Tickets are neither read from HubSpot nor written there.',
    },
  ])
  expect(counts).toContainEqual({ type: 'companies', count: 12 })
  expect(counts.map(({ type }: { type: string }) => type)).not.toContain('tickets')
})

it('finds the portal’s 40 properties, and not the one that was put away', async () => {
  const path = `/api/v2/integrations/hubspot/fields?integrationId=${id}&objectType=COMPANIES&first=200`
  const { body } = await bed.rest('GET', path)
  const made: { name: string; read: boolean; options: object[] }[] = body.fieldCatalog.nodes.filter(
    ({ name }: { name: string }) => /^(tier|seats|yearly_cents|detail_\d+|legacy_code)$/.test(name),
  )
  expect(made).toHaveLength(40)
  expect(made.every(({ read }) => read)).toBe(true)
  expect(made.find(({ name }) => name === 'tier')?.options[0]).toEqual({ value: 'premium', label: 'PREMIUM' })
  expect(made.map(({ name }) => name)).not.toContain('legacy_code')
})

it('refuses a sister portal’s mappings as a whole, and names what this portal lacks', async () => {
  const path = `/api/v2/integrations/hubspot/${id}/mappings/file`
  const { body } = await bed.rest('POST', path, { document: FILE, dryRun: false })
  expect(body).toMatchObject({ status: 422, code: 'MAPPING_REFUSED' })
  expect(body.problems).toMatchObject([
    { objectType: 'COMPANIES', field: 'industry', property: 'tier', code: 'OPTION_GONE', blocks: true },
    {
      objectType: 'COMPANIES',
      field: 'warpBan',
      property: 'legacy_code',
      code: 'UNKNOWN_PROPERTY',
      blocks: true,
    },
  ])
  expect(body.problems[0].fix).toContain('without one are: premium')
})

it('shows on real records what the mended mapping does, saves it, and all that is stored follows', async () => {
  const changes = [INDUSTRY, REVENUE]
  const shown = (await bed.ask(preview, { id, changes })).data.previewMapping
  expect(shown).toMatchObject({ savable: true, problems: [] })
  expect(shown.records).toHaveLength(12)
  for (const { fields } of shown.records)
    for (const { after, problem } of fields) expect([after === null, problem]).toEqual([false, null])

  const saved = await bed.rest('PUT', '/api/integrations/hubspot/mappings', {
    ...{ integrationId: id, objectType: 'COMPANIES', changes, expectedVersion: 1 },
  })
  expect(saved.body).toMatchObject({ __typename: 'MappingSaved', mapping: { version: 2 } })
  const stale = await bed.rest('PUT', '/api/integrations/hubspot/mappings', {
    ...{ integrationId: id, objectType: 'COMPANIES', changes: [], expectedVersion: 1 },
  })
  expect(stale.body).toMatchObject({ status: 409, currentVersion: 2 })
  await until(async () => {
    const { body } = await bed.rest('GET', '/api/integrations/hubspot/mappings')
    const [mapped] = body.mappings
    return mapped.rederivation?.complete && mapped.rederivation.done === 12
  })
  const { data } = await bed.ask(/* GraphQL */ `
    { customers(first: 50) { nodes {
      hubspotCompanyId industry annualRevenue { amount }
      properties(names: ["detail_7", "tier"]) { name value }
      deals(first: 20) { nodes { stageLabel } } tickets(first: 5) { nodes { id } }
    } } }
  `)
  const by = new Map(
    data.customers.nodes.map((node: { hubspotCompanyId: string }) => [node.hubspotCompanyId, node]),
  )
  for (const [n, company] of companies.entries())
    expect(by.get(company.id)).toMatchObject({
      industry: `${TIERS[n % 3]} customers`,
      annualRevenue: { amount: String((n + 1) * 1000) },
      properties: [
        { name: 'detail_7', value: `seven ${n}` },
        { name: 'tier', value: TIERS[n % 3] },
      ],
      tickets: { nodes: [] },
    })
})

it('takes deals of all three pipelines by their own stages, and goes on with what works', async () => {
  const { results } = (await (
    await fetch(`${bed.portal.url}/crm/v3/pipelines/deals`, {
      headers: { authorization: `Bearer ${DEMO_TOKEN}` },
    })
  ).json()) as { results: { id: string; label: string; stages: { id: string; label: string }[] }[] }
  expect(results).toHaveLength(3)
  await bed.sim(
    'records/deals',
    results.map(({ id: pipeline, stages }, n) => ({
      properties: { dealname: `deal ${n}`, pipeline, dealstage: stages[0]?.id },
    })),
  )
  await bed.sim('records/companies', [{ id: companies[0]?.id, properties: { tier: 'silver' } }])
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: id })
  await bed.settled()
  expect((await bed.runs()).at(-1)).toMatchObject({ state: 'COMPLETED', error: null })
  const deals = await bed.database.read('00000000-0000-4000-8000-000000000001', (tx) =>
    tx
      .selectFrom('customers.deals')
      .select(['name', 'pipeline', 'stage', 'is_open'])
      .where('name', 'like', 'deal %')
      .orderBy('name')
      .execute(),
  )
  expect(deals).toEqual(
    results.map((line, n) => ({
      name: `deal ${n}`,
      pipeline: line.id,
      stage: line.stages[0]?.id,
      is_open: true,
    })),
  )
  const { data } = await bed.ask('{ customers(first: 50) { nodes { hubspotCompanyId industry } } }')
  expect(data.customers.nodes).toContainEqual({
    hubspotCompanyId: companies[0]?.id,
    industry: 'silver customers',
  })
})
