import { expect, it } from 'vitest'
import { EMPTY } from '#test/kit/subgraph.ts'
import { connectionBed } from './bed.ts'

const STATUS = `query { c3SyncStatus { lastSync entities { type total synced pending errors }
  conflicts { nodes { id } } integration { id } } }`

it('says in one answer when C3 and the hub last agreed, what of each kind is in step, and what waits', async () => {
  await using bed = await connectionBed()
  expect(await bed.ask(STATUS)).toBeNull()
  const { id } = (await bed.connect()).integration
  await bed.calm()
  const { records } = await bed.sim<{ records: { stockId: string }[] }>('records/inventory')
  await bed.ask(
    'mutation ($id: ID!) { pauseC3Connection(integrationId: $id, direction: IN, type: "inventory") { __typename } }',
    { id },
  )
  await bed.calm()
  await bed.engine(id).note(
    'inventory',
    records.slice(0, 3).map(({ stockId }) => stockId),
  )
  const status = await bed.ask(STATUS)
  expect(status).toMatchObject({ integration: { id }, conflicts: { nodes: [] } })
  expect(Date.parse(status.lastSync)).not.toBeNaN()
  const inventory = status.entities.find(({ type }: { type: string }) => type === 'inventory')
  const total = records.length
  expect(inventory).toEqual({ type: 'inventory', total, synced: total - 3, pending: 3, errors: 0 })
  expect(await bed.ask(STATUS, {}, EMPTY)).toBeNull()
})
