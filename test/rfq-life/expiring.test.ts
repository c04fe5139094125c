import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { systemClock } from '#kernel/clock.ts'
import { expireAllRfqs } from '#subgraphs/inventory/jobs/expire-rfqs.ts'
import { type C3Bed, importedC3, ORG, reader, writer } from '#test/kit/c3.ts'
import { quiet } from '#test/kit/engine.ts'
import { silentLog } from '#test/kit/log.ts'

let bed: C3Bed
let now = systemClock.now().getTime()
const clock = { now: () => new Date(now) }
const DAY = 86_400_000

beforeAll(async () => {
  bed = await importedC3({ companies: 60, clock }, [reader])
})
afterAll(() => bed?.[Symbol.asyncDispose]())

const look = () => expireAllRfqs({ database: bed.database, clock, log: silentLog })
const rows = (where = sql`true`) =>
  bed.select<{ id: string; c3_rfq_id: string; status: string; due_at: Date; kinds: string[] }>(
    sql`select id, c3_rfq_id, status, due_at, array(select h.kind || ' ' || h.by from inventory.rfq_history h
      where h.rfq_id = r.id order by h.at) as kinds from inventory.rfqs r where ${where} order by due_at, id`,
  )
const of = async (c3RfqId: string) => (await rows(sql`c3_rfq_id = ${c3RfqId}`))[0]!
const inC3 = async (c3RfqId: string) => (await bed.records('rfqs')).find(({ rfqId }) => rfqId === c3RfqId)!
const written = async () => {
  await using _ = writer(bed)
  await quiet(bed)
}

it('lets a request expire once when its date has passed, and what was over before the hub knew it stay', async () => {
  expect(await look()).toBe(0)
  const old = await rows(sql`status = 'OPEN' and due_at < ${clock.now()}`)
  expect(old.length).toBeGreaterThan(0)
  // One that C3 opens only now, wanted tomorrow.
  const dueAt = new Date(now + DAY).toISOString()
  const { rfqId } = (await bed.records('rfqs')).find(({ status }) => status === 'QUOTED')!
  await bed.sim('records/rfqs', { rfqId, status: 'NEW', dueAt })
  await bed.note('rfqs', [rfqId])
  await quiet(bed)
  const before = await rows(
    sql`status = 'OPEN' and due_at > ${clock.now()} and due_at < ${new Date(now + 2 * DAY)}`,
  )
  now += 2 * DAY
  const expired = await Promise.all([look(), look()])
  expect(expired.toSorted()).toEqual([0, before.length])
  expect(await of(rfqId)).toMatchObject({ status: 'EXPIRED', kinds: expect.arrayContaining(['EXPIRED HUB']) })
  for (const each of old) expect((await of(each.c3_rfq_id)).status).toBe('OPEN')
  await written()
  expect((await inC3(rfqId)).status).toBe('LAPSED')
  // Somebody in C3 opens it again: it has expired for that date, and does so again only for another.
  await bed.sim('records/rfqs', { rfqId, status: 'NEW' })
  await bed.note('rfqs', [rfqId])
  await quiet(bed)
  expect(await look()).toBe(0)
  expect(await of(rfqId)).toMatchObject({ status: 'OPEN', kinds: expect.arrayContaining(['REOPENED C3']) })
  await bed.sim('records/rfqs', { rfqId, dueAt: new Date(now + DAY).toISOString() })
  await bed.note('rfqs', [rfqId])
  await quiet(bed)
  now += 2 * DAY
  await look()
  expect((await of(rfqId)).status).toBe('EXPIRED')
})

it('lets a quote expire when its prices hold no longer, and C3’s word of meanwhile hold', async () => {
  const [mine, theirs] = (await bed.records('rfqs')).filter(({ status }) => status === 'QUOTED')
  const until = new Date(now + DAY)
  await bed.database.transaction(ORG, (tx) =>
    sql`update inventory.quotes set valid_until = ${until} from inventory.rfqs r
      where r.id = quotes.rfq_id and r.c3_rfq_id in (${mine!.rfqId}, ${theirs!.rfqId})`.execute(over(tx)),
  )
  await look()
  expect((await of(mine!.rfqId)).status).toBe('QUOTED')
  now += 2 * DAY
  await look()
  expect((await of(mine!.rfqId)).status).toBe('EXPIRED')
  expect((await of(theirs!.rfqId)).status).toBe('EXPIRED')
  // The customer had ordered in C3 in the last moment: before C3 is told, it is asked. (A minute later: what
  // happened in one moment has no order.)
  now += 60_000
  await bed.sim('records/rfqs', { rfqId: theirs!.rfqId, status: 'ORDERED' })
  await written()
  expect((await inC3(mine!.rfqId)).status).toBe('LAPSED')
  expect((await inC3(theirs!.rfqId)).status).toBe('ORDERED')
  expect(await of(theirs!.rfqId)).toMatchObject({ status: 'WON', kinds: ['EXPIRED HUB', 'WON C3'] })
})
