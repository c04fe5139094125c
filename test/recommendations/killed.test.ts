import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { PriceRecommendation } from '#connectors/c3/index.ts'
import { adviseOn } from '#subgraphs/inventory/commands/advise.ts'
import { awaitPush } from '#subgraphs/inventory/store/recommendation-pushes.ts'
import { openC3s } from '#subgraphs/inventory/sync/c3s.ts'
import { recommendationWriters } from '#subgraphs/inventory/sync/recommendations.ts'
import { noteOutgoing } from '#sync/outgoing.ts'
import { type C3Bed, importedC3, ORG, writer } from '../kit/c3.ts'
import { quiet } from '../kit/engine.ts'
import { silentLog } from '../kit/log.ts'
import { until } from '../kit/until.ts'

/** Writers of a bed whose process dies `times` times, just when C3 has answered. */
const writersOf = ({ database, vault, clock }: C3Bed, times: number) => {
  let left = times
  const tried = { count: 0 }
  const dying = {
    read: (...args: Parameters<typeof database.read>) => database.read(...args),
    transaction: async (...args: Parameters<typeof database.transaction>) => {
      tried.count += 1
      // The first transaction of a turn says what is about to be sent, the second what became of it.
      if (tried.count % 2 === 0 && left > 0) {
        left -= 1
        throw new Error('killed')
      }
      return await database.transaction(...args)
    },
  }
  const c3s = openC3s({ database: database as never, vault, clock, log: silentLog, limits: {} })
  return { tried, apart: recommendationWriters({ database: dying as never, clock, c3s }) }
}

it('has C3 know each recommendation once, whose writer was killed between its answer and the commit', async () => {
  await using bed = await importedC3({ companies: 12 })
  const { database, integrationId: connectionId, clock } = bed
  const ids = await database.transaction(ORG, async (tx) => {
    const open = await sql<{ id: string }>`select id from inventory.rfqs where status = 'OPEN'`.execute(tx)
    await adviseOn(tx, { orgId: ORG, clock }, { rfqIds: open.rows.map(({ id }) => id) })
    const { rows } = await sql<{ id: string }>`select id from inventory.recommendations`.execute(tx)
    const waiting = await awaitPush(
      tx,
      ORG,
      rows.map(({ id }) => id),
      clock.now(),
    )
    await noteOutgoing(tx, { orgId: ORG, connectionId }, waiting, clock.now())
    return rows.map(({ id }) => id)
  })
  expect(ids.length).toBeGreaterThan(10)
  const { apart, tried } = writersOf(bed, 1)
  await using _ = writer(bed, { apart })
  await quiet(bed)
  expect(tried.count).toBeGreaterThanOrEqual(4)
  const kept = (await bed.sim<{ records: PriceRecommendation[] }>('records/price-recommendations')).records
  expect(kept.map(({ key }) => key).sort()).toEqual([...ids].sort())
  const states = () =>
    bed.select<{ push_state: string }>(sql`select distinct push_state from inventory.recommendations`)
  await until(async () => (await states()).length === 1)
  expect(await states()).toEqual([{ push_state: 'SENT' }])
  const posts = (await bed.journal()).entries.filter(({ method }) => method === 'POST')
  expect(posts.length).toBeGreaterThan(1)
})
