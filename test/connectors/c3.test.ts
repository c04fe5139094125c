import { openC3 } from '#connectors/c3/index.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { c3Source } from '#subgraphs/inventory/sync/source.ts'
import { connectorConformance } from './conformance.ts'

interface Row {
  rfqId: string
  deleted: boolean
}

connectorConformance({
  vendor: 'C3',
  credential: DEMO_API_KEY,
  kind: 'rfqs',
  listPath: '/c3/rfqs',
  start: (clock) => startC3Simulator({ port: 0, companies: 2_500, seed: 7, clock }),
  open: (options, apiKey) => c3Source(openC3({ ...options, apiKey })),
  ids: async (control) =>
    (await control<{ records: Row[] }>('records/rfqs')).records
      .filter(({ deleted }) => !deleted)
      .map(({ rfqId }) => rfqId),
  create: async (control) => (await control<Row>('records/rfqs', { rfqId: 'Q-NEW' })).rfqId,
  change: async (control, ids, at) => {
    for (const rfqId of ids) await control('records/rfqs', { rfqId, updatedAt: at.toISOString() })
  },
  remove: async (control, rfqId) => {
    await control('records/rfqs', { rfqId, deleted: true })
  },
})
