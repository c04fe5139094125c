import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { noteSignals } from '#sync/signals.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { type ConnectionsBed, connectionsBed, DEMO_TOKEN } from './bed.ts'

const CHANGE = `mutation ($id: ID!, $inclusion: [InclusionRuleInput!]!, $version: Int!) {
  changeConnection(integrationId: $id, input: { inclusion: $inclusion }, expectedVersion: $version) { __typename ... on Refusal { message } } }`
const PREVIEW = `query ($id: ID!, $inclusion: [InclusionRuleInput!]!) { previewInclusion(integrationId: $id, inclusion: $inclusion) {
  __typename ... on InclusionPreview { types { type held leaving comingIn leavingExamples } } ... on Invalid { field message } } }`

interface Record {
  id: string
  properties: { [name: string]: string | null }
}
const companiesOf = async (bed: ConnectionsBed) =>
  (await bed.sim<{ results: Record[] }>('records/companies?limit=1000')).results
const links = async (bed: ConnectionsBed) =>
  new Map(
    (
      await bed.database.read(ORG, (tx) =>
        tx
          .selectFrom('sync.links')
          .select(['external_id', 'gone_reason'])
          .where('type', '=', 'companies')
          .execute(),
      )
    ).map((link) => [link.external_id, link.gone_reason]),
  )
const customers = async (bed: ConnectionsBed): Promise<string[]> =>
  (await bed.ask('{ customers(first: 200) { nodes { hubspotCompanyId } } }')).data.customers.nodes
    .map((node: { hubspotCompanyId: string }) => node.hubspotCompanyId)
    .sort()
const note = (bed: ConnectionsBed, connectionId: string, externalId: string) =>
  bed.database.transaction(ORG, (tx) =>
    noteSignals(tx, [{ orgId: ORG, connectionId, type: 'companies', externalId }], systemClock.now()),
  )

it('lets only those records take part that keep the rules: tried beforehand, others leave the hub, and come when they keep them', async () => {
  await using bed = await connectionsBed({ companies: 30 })
  const id = await bed.connect()
  await bed.settled()
  const companies = await companiesOf(bed)
  const stage = companies[0]?.properties.lifecyclestage ?? ''
  const inside = companies
    .filter(({ properties }) => properties.lifecyclestage === stage)
    .map((one) => one.id)
    .sort()
  const outside = companies.filter((one) => !inside.includes(one.id)).map((one) => one.id)
  expect(outside.length).toBeGreaterThan(0)
  const inclusion = [{ type: 'companies', by: 'LIFECYCLE_STAGE', values: [stage] }]
  const [preview] = (await bed.ask(PREVIEW, { id, inclusion })).data.previewInclusion.types
  expect(preview).toMatchObject({ type: 'companies', held: 30, leaving: outside.length, comingIn: 0 })
  expect(outside).toEqual(expect.arrayContaining(preview.leavingExamples))
  expect(await customers(bed)).toHaveLength(30)

  await bed.ask(CHANGE, { id, inclusion, version: 1 })
  await bed.settled()
  expect(await customers(bed)).toEqual(inside)
  const held = await links(bed)
  expect(outside.map((one) => held.get(one))).toEqual(outside.map(() => 'excluded'))

  // What does not take part is not brought in by a word of HubSpot's either; once it keeps the rule, it comes.
  const [moved = ''] = outside
  await bed.sim('records/companies', { id: moved, properties: { name: 'Still outside' } })
  await note(bed, id, moved)
  const [left = ''] = inside
  const other = companies.find((one) => one.properties.lifecyclestage !== stage)?.properties.lifecyclestage
  await bed.sim('records/companies', { id: left, properties: { lifecyclestage: other } })
  await note(bed, id, left)
  await until(async () => !(await customers(bed)).includes(left))
  expect(await customers(bed)).not.toContain(moved)
  await bed.sim('records/companies', { id: moved, properties: { lifecyclestage: stage } })
  await note(bed, id, moved)
  await until(async () => (await customers(bed)).includes(moved))

  const [back] = (await bed.ask(PREVIEW, { id, inclusion: [] })).data.previewInclusion.types
  expect(back).toMatchObject({ held: inside.length, leaving: 0, comingIn: 30 - inside.length })
  await bed.ask(CHANGE, { id, inclusion: [], version: 2 })
  await bed.settled()
  expect(await customers(bed)).toHaveLength(30)
})

it('lets the records of a HubSpot list take part, asking for a hundred at a time', async () => {
  await using bed = await connectionsBed({ companies: 12 })
  const id = await bed.connect()
  await bed.settled()
  const [one = '', two = ''] = (await companiesOf(bed)).map((company) => company.id)
  const call = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(`${bed.portal.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${DEMO_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { list?: { listId: string } }
  }
  const made = await call('POST', '/crm/v3/lists', {
    name: 'Taking part',
    objectTypeId: '0-2',
    processingType: 'MANUAL',
  })
  const list = made.list?.listId ?? ''
  await call('PUT', `/crm/v3/lists/${list}/memberships/add`, [one, two])
  await bed.forgetJournal()
  const rules = [{ type: 'companies', by: 'LIST', values: [list] }]
  const changed = await bed.ask(CHANGE, { id, inclusion: rules, version: 1 })
  expect(changed.data.changeConnection).toMatchObject({ __typename: 'ConnectionChanged' })
  await bed.settled()
  expect(await customers(bed)).toEqual([one, two].sort())
  const asked = (await bed.journal()).entries.filter(({ path }) => path.includes('memberships/batch/read'))
  expect(asked).toHaveLength(1)
})

it('refuses rules that cannot be kept, with a sentence', async () => {
  await using bed = await connectionsBed({ worker: false })
  const id = await bed.connect()
  const tried = async (rule: object) =>
    (await bed.ask(PREVIEW, { id, inclusion: [rule] })).data.previewInclusion
  expect(await tried({ type: 'companies', by: 'PIPELINE', values: ['x'] })).toMatchObject({
    __typename: 'Invalid',
  })
  expect(await tried({ type: 'contacts', by: 'PROPERTY', values: ['x'] })).toMatchObject({
    message: expect.stringContaining('names it'),
  })
  expect(await tried({ type: 'contacts', by: 'PROPERTY', property: 'email', values: [] })).toMatchObject({
    field: 'inclusion',
  })
  expect(await tried({ type: 'dragons', by: 'LIST', values: ['1'] })).toMatchObject({ field: 'inclusion' })
})
