import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { askSubgraph } from '#test/kit/subgraph.ts'
import { startInventoryBed } from './bed.ts'

const QUERY = `query ($system: String!, $value: ID!, $integrationId: ID) {
  rfqByExternalId(system: $system, value: $value, integrationId: $integrationId) { id c3RfqId } }`

it('finds a request for prices by the id that C3 has for it, and nothing by what is none', async () => {
  await using hub = await startInventoryBed()
  await hub.synced()
  const find = async (value: string, system = 'C3', integrationId: string | null = null) =>
    (await askSubgraph(hub.inventory.url, QUERY, { system, value, integrationId })).data.rfqByExternalId
  const select = () =>
    hub.engine.select<{ id: string; c3Id: string; integrationId: string }>(
      sql`select id, c3_rfq_id as "c3Id", connection_id as "integrationId" from inventory.rfqs where deleted_at is null order by id limit 1`,
    )
  const [{ id, c3Id, integrationId } = { id: '', c3Id: '', integrationId: '' }] = await select()
  const found = { id, c3RfqId: c3Id }
  expect(await find(c3Id)).toEqual(found)
  expect(await find(c3Id, 'c3', integrationId)).toEqual(found)
  expect(await find(c3Id, 'HUBSPOT')).toBeNull()
  expect(await find(c3Id, 'C3', id)).toBeNull()
  expect(await find(c3Id, 'C3', 'no id')).toBeNull()
  expect(await find(`${c3Id}0`)).toBeNull()
  expect(await find(`' or true --`)).toBeNull()
})
