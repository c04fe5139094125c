import { openC3 } from '#connectors/c3/index.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { c3Source } from '#subgraphs/inventory/sync/source.ts'
import { connectorConformance } from './conformance.ts'

interface Row {
  stockId: string
  deleted: boolean
}

connectorConformance({
  vendor: 'C3',
  credential: DEMO_API_KEY,
  kind: 'inventory',
  listPath: '/c3/inventory',
  start: (clock) => startC3Simulator({ port: 0, companies: 40, seed: 7, clock }),
  open: (options, apiKey) => c3Source(openC3({ ...options, apiKey })),
  ids: async (control) =>
    (await control<{ records: Row[] }>('records/inventory')).records
      .filter(({ deleted }) => !deleted)
      .map(({ stockId }) => stockId),
  create: async (control) =>
    (await control<Row>('records/inventory', { stockId: 'S-NEW', partNumber: 'STM32F429ZIT6' })).stockId,
  change: async (control, ids, at) => {
    for (const stockId of ids) await control('records/inventory', { stockId, updatedAt: at.toISOString() })
  },
  remove: async (control, stockId) => {
    await control('records/inventory', { stockId, deleted: true })
  },
})
