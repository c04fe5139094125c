import { expect, it } from 'vitest'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { approvePush } from '#sync/plans/may-push.ts'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'
import { provisioningOf } from '../provisioning/provisioning-bed.ts'

interface Dump {
  id: string
  properties: Record<string, string | null>
}

it('writes what was said of a property before the portal had it, once it has, also where nothing is read any more', async () => {
  await using bed = await connectionsBed({ companies: 3 })
  const id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  await bed.database.transaction(ORG, (tx) =>
    approvePush(tx, { orgId: ORG, connectionId: id, planId: null }, bed.clock.now()),
  )
  await bed.rest('PATCH', `/api/v2/integrations/hubspot/${id}/settings`, {
    ...{ input: { direction: 'OUT' }, expectedVersion: 1 },
  })
  const rows = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('customers.companies').select(['id', 'external_id']).orderBy('id').execute(),
  )
  await bed.database.transaction(ORG, (tx) =>
    changeRecords(
      tx,
      { orgId: ORG, integrationId: id, type: 'companies' },
      {
        updates: rows.map((row) => ({
          localId: row.id,
          values: { city: 'Here', warp_payment_terms: `B-${row.id}` },
        })),
      },
      bed.clock.now(),
    ),
  )
  const there = async (property: string) => {
    const { results } = await bed.sim<{ results: Dump[] }>('records/companies?limit=100')
    return rows.map((row) => results.find((each) => each.id === row.external_id)?.properties[property])
  }
  await until(async () => {
    const waiting = await bed.database.read(ORG, (tx) =>
      tx.selectFrom('sync.outgoing').select('type').execute(),
    )
    return waiting.length === 0
  })
  expect(await there('city')).toEqual(rows.map(() => 'Here'))
  expect(await there('warp_payment_terms')).toEqual(rows.map(() => undefined))

  expect((await provisioningOf(bed, id).provision()).problems).toEqual([])
  await until(async () => (await there('warp_payment_terms')).every((said, n) => said === `B-${rows[n]!.id}`))
})
