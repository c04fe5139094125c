import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { openPortalRun } from '#subgraphs/customers/sync/open.ts'
import { openPortals } from '#subgraphs/customers/sync/portals.ts'
import { rowsOf } from '#test/customers/rows.ts'
import { importedBed, ORG, writer } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
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
  await bed.approve(id)
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

it('writes a property that came while a batch was waiting for its turn', async () => {
  await using bed = await importedBed({ companies: 3 })
  const { database, vault, clock } = bed
  const isKnown = (at: Date | null) =>
    database.transaction(ORG, (tx) =>
      sql`update customers.portal_properties set archived_at = ${at} where type = 'companies' and name = 'customer_number'`.execute(
        tx,
      ),
    )
  const ids = [...(await rowsOf(bed, 'companies')).values()].map(({ id }) => id)
  const say = (values: Record<string, string>) =>
    bed.change('companies', { updates: ids.map((localId) => ({ localId, values })) })
  await isKnown(clock.now())
  await say({ city: 'Here' })
  await using portals = openPortals({ database, vault, clock, log: silentLog, limits: {} })
  const open = openPortalRun({ database, clock, vault }, portals)
  let isOpen = false
  await using _ = writer(bed, {
    open: async (run, signal) => {
      const opened = await open(run, signal)
      if (isOpen) return opened
      isOpen = true
      await isKnown(null)
      await say({ customer_number: 'N-1' })
      return opened
    },
  })
  await until(async () => (await bed.outgoing()).length === 0)
  const there = (await bed.records('companies')).map(({ properties }) => [
    properties.city,
    properties.customer_number,
  ])
  expect(there).toEqual(ids.map(() => ['Here', 'N-1']))
})
