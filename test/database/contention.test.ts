import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { Tx } from '#db/client.ts'
import { inSavepoint, over, setOrg } from '#db/client.ts'
import { note, notesOf, ORG_A, ORG_B, type TrialTables, trial } from './trial.ts'

const fail = (tx: Tx<TrialTables>, sqlstate: string) =>
  sql`do ${sql.raw(`$$ begin raise exception using errcode = '${sqlstate}'; end $$`)}`.execute(tx)

it('fault 8: a storm of deadlocks is retried until every change has happened once', async () => {
  await using t = await trial({ max: 8 })
  for (const text of ['0', '0']) await note(t.database, ORG_A, text)
  const add = (first: number, second: number) =>
    t.database.transaction(ORG_A, async (tx) => {
      for (const id of [first, second])
        await sql`update customers.notes set text = (text::int + 1)::text where id = ${id}`.execute(tx)
    })
  const done = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => (i % 2 ? add(1, 2) : add(2, 1))))
  const succeeded = done.filter((one) => one.status === 'fulfilled').length
  const refused = done.filter((one) => one.status === 'rejected').map((one) => one.reason.code)
  expect(await notesOf(t.database, ORG_A)).toEqual([String(succeeded), String(succeeded)])
  expect(refused.every((code) => code === 'HUB_CONTENDED')).toBe(true)
})

it('fault 8: serializable transactions that collide are run again and add up', async () => {
  await using t = await trial({ max: 4 })
  await note(t.database, ORG_A, '0')
  let runs = 0
  const add = () =>
    t.database.transaction(
      ORG_A,
      async (tx) => {
        runs++
        const row = await tx.selectFrom('customers.notes').select('text').executeTakeFirstOrThrow()
        await tx
          .updateTable('customers.notes')
          .set({ text: String(Number(row.text) + 1) })
          .execute()
      },
      { isolation: 'serializable' },
    )
  await Promise.all([add(), add(), add()])
  expect(await notesOf(t.database, ORG_A)).toEqual(['3'])
  expect(runs).toBeGreaterThanOrEqual(3)
})

it('fault 8: after five retries the caller gets a typed error', async () => {
  await using t = await trial()
  let runs = 0
  const hopeless = t.database.transaction(ORG_A, async (tx) => {
    runs++
    await fail(tx, '40001')
  })
  await expect(hopeless).rejects.toMatchObject({ code: 'HUB_CONTENDED', retry: 'now' })
  expect(runs).toBe(6)
})

it('does not run anything else twice', async () => {
  await using t = await trial()
  let runs = 0
  const refused = t.database.transaction(ORG_A, async (tx) => {
    runs++
    await fail(tx, '23505')
  })
  await expect(refused).rejects.toMatchObject({ code: '23505' })
  expect(runs).toBe(1)
})

it('does not take a transaction for committed whose failed statement was swallowed', async () => {
  await using t = await trial()
  const swallowing = t.database.transaction(ORG_A, async (tx) => {
    await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'lost' }).execute()
    await fail(tx, '23505').catch(() => undefined)
  })
  await expect(swallowing).rejects.toThrow('rolled back')
  expect(await notesOf(t.database, ORG_A)).toEqual([])
})

it('undoes only the part that failed when it ran in a savepoint', async () => {
  await using t = await trial()
  await t.database.transaction(ORG_A, async (tx) => {
    await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'kept' }).execute()
    const part = inSavepoint(tx, async () => {
      await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'undone' }).execute()
      throw new Error('bad part')
    })
    await expect(part).rejects.toThrow('bad part')
  })
  expect(await notesOf(t.database, ORG_A)).toEqual(['kept'])
})

it('points one transaction at one organisation after the other', async () => {
  await using t = await trial()
  await t.database.transaction(ORG_A, async (tx) => {
    for (const orgId of [ORG_A, ORG_B]) {
      await setOrg(tx, orgId)
      await over<TrialTables>(tx)
        .insertInto('customers.notes')
        .values({ org_id: orgId, text: orgId })
        .execute()
    }
  })
  expect(await notesOf(t.database, ORG_B)).toEqual([ORG_B])
})

it('counts and tells the statements of the caller, not its own', async () => {
  const told: string[] = []
  await using t = await trial({ onStatement: (statement) => told.push(statement) })
  const before = t.database.statements
  await notesOf(t.database, ORG_A)
  expect(t.database.statements - before).toBe(1)
  expect(told).toEqual(['select "text" from "customers"."notes" order by "id"'])
})
