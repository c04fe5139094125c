import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import type { Journal } from '#test/kit/simulator.ts'
import { connectionBed } from './bed.ts'

it('counts each call with a key in one budget, before and after it belongs to a connection, and heeds at once what C3 grants it', async () => {
  await using bed = await connectionBed({ limits: undefined })
  await bed.sim('limits', { requests: 1_000 })
  const budgets = () =>
    bed.database.relay(async (tx) => {
      const { rows } = await sql<{ max: number; calls: number }>`
        select max, last_call::int as calls from sync.rate_buckets`.execute(over(tx))
      return rows
    })
  const made = async () => (await bed.sim<Journal>('journal')).entries.filter(({ portal }) => portal).length
  await bed.connect()
  await bed.calm()
  expect(await budgets()).toEqual([{ max: 1_000, calls: await made() }])
  await bed.sim('limits', { requests: 50 })
  await bed.ask('mutation { validateC3Credentials { __typename } }')
  expect(await budgets()).toEqual([{ max: 50, calls: await made() }])
})
