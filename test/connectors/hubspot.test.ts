import { openHubSpot } from '#connectors/hubspot/index.ts'
import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { hubSpotSource } from '#subgraphs/customers/sync/source.ts'
import { connectorConformance } from './conformance.ts'

interface Row {
  id: string
  archived: boolean
}

connectorConformance({
  vendor: 'HubSpot',
  credential: DEMO_TOKEN,
  kind: 'companies',
  listPath: '/objects/companies\\?',
  start: (clock) => startHubSpotSimulator({ port: 0, companies: 300, clock }),
  open: (options, token) =>
    hubSpotSource(
      openHubSpot({ ...options, token: async () => token }),
      { companies: ['name', 'domain'] },
      options.clock,
    ),
  ids: async (control) =>
    (await control<{ results: Row[] }>('records/companies?limit=100000')).results
      .filter(({ archived }) => !archived)
      .map(({ id }) => id),
  create: async (control) => {
    const { results } = await control<{ results: Row[] }>('records/companies', {
      properties: { name: 'New' },
    })
    return results[0]!.id
  },
  change: async (control, ids, at) => {
    await control('records/companies', {
      list: ids.map((id) => ({ id, properties: { city: 'Lisbon' }, at: at.toISOString() })),
    })
  },
  remove: async (control, id) => {
    await control('records/companies', { id, archive: true })
  },
})
