import { expect, it } from 'vitest'
import { tcpProxy } from '#test/database/proxy.ts'
import { adminUrl } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { webhookBed } from './bed.ts'

it('fault 45 (c3): asks for another try while its database is down, and then loses nothing', async () => {
  const first = await tcpProxy(adminUrl())
  const port = Number(new URL(first.through('http://x')).port)
  await using bed = await webhookBed({ companies: 3, through: first.through })
  const ids = (await bed.records('rfqs')).slice(0, 5).map(({ rfqId }) => String(rfqId))
  await bed.sim('faults', { webhooks: { drop: 1 } })
  for (const rfqId of ids) await bed.sim('records/rfqs', { rfqId, buyer: `Told ${rfqId}` })
  const sent = ids.map((rfqId) => bed.body([bed.event('rfqs', rfqId)]))
  await first[Symbol.asyncDispose]()
  for (const one of sent) {
    const answer = await bed.deliver(one)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
    await answer.body?.cancel()
  }
  await using _ = await tcpProxy(adminUrl(), port)
  for (const one of sent) expect((await bed.deliver({ ...one, attempt: 2 })).status).toBe(200)
  await until(async () => {
    const kept = await bed.rows('inventory.rfqs')
    return ids.every((rfqId) => kept.some((row) => row.c3_rfq_id === rfqId && row.buyer === `Told ${rfqId}`))
  })
})
