import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { eventsOf } from '../customers/rows.ts'
import { type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
const RATED = ['gold', 'silver', 'bronze']
const options = (values: string[]) =>
  values.map((value) => ({ value, label: value.replace('aurum', 'gold').toUpperCase() }))

beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 9 }))
  const text = { type: 'string', fieldType: 'text', groupName: 'companyinformation' }
  await portal.define('companies', { ...text, name: 'line', label: 'Line of business' })
  await portal.define('companies', {
    ...text,
    name: 'floor_space',
    label: 'Floor space',
    type: 'number',
    fieldType: 'number',
  })
  await portal.define('companies', {
    ...text,
    name: 'rating',
    label: 'Rating',
    type: 'enumeration',
    fieldType: 'select',
    options: options(RATED),
  })
  const companies = await portal.records('companies')
  await portal.change(
    'companies',
    companies.map(({ id }, n) => ({
      id,
      properties: { line: `line ${n}`, floor_space: String(n + 100), rating: RATED[n % 3]! },
    })),
  )
  await portal.sync('RECONCILE')
  await portal.saveAndFollow('COMPANIES', [
    { field: 'industry', properties: ['line'] },
    { field: 'employees', properties: ['floor_space'] },
    {
      field: 'lifecycleStage',
      properties: ['rating'],
      transforms: [
        {
          kind: 'ENUM_MAP',
          otherwise: 'BLANK',
          options: RATED.map((from) => ({ from, to: `tier ${from}` })),
        },
      ],
    },
  ])
})
afterAll(() => stack.disposeAsync())

const CUSTOMERS = /* GraphQL */ `
  query { customers(first: 50) { nodes { hubspotCompanyId industry employees lifecycleStage city leadScore } } }
`
// biome-ignore lint/suspicious/noExplicitAny: as the query shapes it
const shown = async (): Promise<Map<string, any>> =>
  new Map(
    (await portal.ask(CUSTOMERS)).customers.nodes.map((node: { hubspotCompanyId: string }) => [
      node.hubspotCompanyId,
      node,
    ]),
  )
const stateOf = async (name: string) => {
  const { state, problems } = await portal.field('COMPANIES', name)
  return [state, problems.map(({ code, property }: Record<string, string>) => `${code} ${property}`)]
}
const told = async () => (await eventsOf(portal, 'customers.mapping.changed')).slice(1)

it('fault 30: a property deleted, one retyped and an option renamed pause their fields only, and say how to mend them', async () => {
  const before = await shown()
  await portal.sim('properties/companies', { name: 'line', archived: true })
  await portal.sim('properties/companies', { name: 'floor_space', type: 'string', fieldType: 'text' })
  await portal.sim('properties/companies', {
    name: 'rating',
    options: options(['aurum', 'silver', 'bronze']),
  })
  const companies = await portal.records('companies')
  await portal.change(
    'companies',
    companies.map(({ id, properties }, n) => ({
      id,
      properties: {
        floor_space: 'plenty',
        rating: properties.rating === 'gold' ? 'aurum' : 'silver',
        city: `City ${n}`,
      },
    })),
  )
  expect(await portal.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED', failed: 0 })
  // What waits keeps its value; what does not went on, in the same run and the same records.
  const after = await shown()
  for (const [n, { id }] of companies.entries())
    expect(after.get(id)).toEqual({ ...before.get(id), city: `City ${n}` })
  expect(await stateOf('industry')).toEqual(['PAUSED', ['ARCHIVED_PROPERTY line']])
  expect(await stateOf('employees')).toEqual(['PAUSED', ['WRONG_TYPE floor_space']])
  expect(await stateOf('lifecycleStage')).toEqual([
    'PAUSED',
    ['OPTION_GONE rating', 'OPTION_WITHOUT_TARGET rating'],
  ])
  expect(await stateOf('city')).toEqual(['ACTIVE', []])
  const waiting = await portal.field('COMPANIES', 'lifecycleStage')
  expect(waiting.pausedSince).not.toBeNull()
  expect(waiting.problems[0]).toMatchObject({
    blocks: true,
    message: 'rating no longer has the option gold: it was renamed or taken away in HubSpot.',
    fix: 'Take gold out of the mapping, and give the option that took its place a target (without one are: aurum).',
  })
  expect(await told()).toMatchObject([
    {
      objectType: 'companies',
      version: 2,
      changed: [],
      resumed: [],
      paused: [
        { field: 'industry', code: 'ARCHIVED_PROPERTY', property: 'line' },
        { field: 'employees', code: 'WRONG_TYPE', property: 'floor_space' },
        { field: 'lifecycleStage', code: 'OPTION_GONE', property: 'rating' },
      ],
    },
  ])
  // Told once: the same trouble found again is no news.
  await portal.sync('RECONCILE')
  expect(await told()).toHaveLength(1)
})

it('fault 30: goes on with each field as soon as its property fits again or it is mapped otherwise', async () => {
  await portal.sim('properties/companies', { name: 'floor_space', type: 'number', fieldType: 'number' })
  const companies = await portal.records('companies')
  await portal.change(
    'companies',
    companies.map(({ id }, n) => ({ id, properties: { floor_space: String(n + 500) } })),
  )
  expect(await portal.sync('RECONCILE')).toMatchObject({ state: 'COMPLETED' })
  expect(await stateOf('employees')).toEqual(['ACTIVE', []])
  for (const [n, { id }] of companies.entries())
    expect((await shown()).get(id)).toMatchObject({ employees: n + 500 })
  expect((await told()).at(-1)).toMatchObject({ paused: [], resumed: ['employees'] })

  await using _ = portal.rederiving()
  const saved = await portal.save('COMPANIES', [
    { field: 'industry', properties: ['industry'] },
    {
      field: 'lifecycleStage',
      properties: ['rating'],
      transforms: [
        {
          kind: 'ENUM_MAP',
          otherwise: 'BLANK',
          options: ['aurum', 'silver', 'bronze'].map((from) => ({ from, to: `tier ${from}` })),
        },
      ],
    },
  ])
  // What was not read while it waited is read anew: the records are listed once more, by themselves.
  expect(saved).toMatchObject({ __typename: 'MappingSaved', mapping: { rederivation: { readsAgain: true } } })
  await until(async () => !(await portal.followed('COMPANIES')).readsAgain)
  const there = await portal.records('companies')
  for (const { id, properties } of there)
    expect((await shown()).get(id)).toMatchObject({
      industry: properties.industry,
      lifecycleStage: `tier ${properties.rating}`,
    })
  expect(there.some(({ properties }) => properties.rating === 'aurum')).toBe(true)
  const { fields } = await portal.mapping('COMPANIES')
  expect(fields.filter(({ state }: { state: string }) => state === 'PAUSED')).toEqual([])
})
