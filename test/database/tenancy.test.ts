import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import type { Tx } from '#db/client.ts'
import { session } from '#db/session.ts'
import { NOTES, note, notesOf, ORG_A, ORG_B, type TrialTables, trial } from './trial.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** How often the pooled connections of fault 60 are used: a multiple of eight. */
    visits: number
  }
  interface TaskMeta {
    /** What `npm run soak -- pooled-connections` prints. */
    visits?: { made: number; failed: number; wrong: number }
  }
}

it('shows an organisation its own rows only', async () => {
  await using t = await trial()
  await note(t.database, ORG_A, 'of A')
  await note(t.database, ORG_B, 'of B')
  expect(await notesOf(t.database, ORG_A)).toEqual(['of A'])
  expect(await notesOf(t.database, ORG_B)).toEqual(['of B'])
})

it("refuses to write a row into another organisation's name", async () => {
  await using t = await trial()
  const forged = t.database.transaction(ORG_A, (tx) =>
    tx.insertInto('customers.notes').values({ org_id: ORG_B, text: 'forged' }).execute(),
  )
  await expect(forged).rejects.toMatchObject({ code: '42501' })
  expect(await notesOf(t.database, ORG_B)).toEqual([])
})

it('shows nothing, and raises nothing, to a connection that named no organisation', async () => {
  await using t = await trial()
  await note(t.database, ORG_A, 'of A')
  const seen = await session(t.urls.app, async (client) => [
    (await client.query('select * from customers.notes')).rows,
    // What a connection looks like after a transaction had set the organisation: empty, not unset.
    (await client.query("select set_config('hub.org_id', '', false)")) &&
      (await client.query('select * from customers.notes')).rows,
  ])
  expect(seen).toEqual([[], []])
})

it('hides rows from the owner of the tables too', async () => {
  await using t = await trial()
  await note(t.database, ORG_A, 'of A')
  const { rows } = await session(t.urls.owner, (client) => client.query('select * from customers.notes'))
  expect(rows).toEqual([])
})

it('takes nothing but the id of an organisation', async () => {
  await using t = await trial()
  for (const bad of ['', "x', true); drop table customers.notes; --", `${ORG_A}'`])
    await expect(notesOf(t.database, bad)).rejects.toThrow(TypeError)
})

it('reads cannot write', async () => {
  await using t = await trial()
  const write = t.database.read(ORG_A, (tx) =>
    tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'x' }).execute(),
  )
  await expect(write).rejects.toMatchObject({ code: '25006' })
  expect(await notesOf(t.database, ORG_A)).toEqual([])
})

it('gives the relay no rows of a table that has no policy for it', async () => {
  await using t = await trial({
    files: { 'db/migrations/customers/1.sql': `${NOTES}grant select on customers.notes to :relay;` },
  })
  await note(t.database, ORG_A, 'of A')
  const seen = await t.database.relay((tx) => tx.selectFrom('customers.notes').selectAll().execute())
  expect(seen).toEqual([])
})

it('fault 60: pooled connections reused across organisations, with errors mid-transaction, leak nothing', {
  timeout: 3_600_000,
}, async ({ task }) => {
  const visits = inject('visits')
  await using t = await trial({ max: 2 })
  await note(t.database, ORG_A, 'of A')
  await note(t.database, ORG_B, 'of B')
  const failing = [
    () => Promise.reject(new Error('thrown between statements')),
    (tx: Tx<TrialTables>) => sql`select 1 / 0`.execute(tx),
    (tx: Tx<TrialTables>) => sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx),
  ]
  let wrong = 0
  let failed = 0
  const visit = async (i: number) => {
    const [orgId, own] = i % 2 ? [ORG_A, 'of A'] : [ORG_B, 'of B']
    // Killing connections is slow, so it is the rare one.
    const fail = i % 97 === 0 ? failing[2] : i % 5 === 0 ? failing[i % 2] : undefined
    try {
      await t.database.transaction(orgId, async (tx) => {
        const rows = await tx.selectFrom('customers.notes').select(['org_id', 'text']).execute()
        if (rows.length !== 1 || rows[0]?.org_id !== orgId || rows[0].text !== own) wrong++
        if (fail) await fail(tx)
      })
    } catch {
      failed++
    }
  }
  for (let i = 0; i < visits; i += 8) await Promise.all(Array.from({ length: 8 }, (_, j) => visit(i + j)))
  task.meta.visits = { made: visits, failed, wrong }
  expect(wrong).toBe(0)
  expect(failed).toBeGreaterThanOrEqual(visits / 5)
})

it('fault 60: nothing of an organisation stays on a connection when its transaction is over', async () => {
  await using t = await trial({ max: 1 })
  await note(t.database, ORG_A, 'of A')
  const left = await t.database.transaction(ORG_B, async (tx) => {
    // Behind our back, so that the connection is seen as the pool keeps it.
    await sql`rollback`.execute(tx)
    const rows = await tx.selectFrom('customers.notes').selectAll().execute()
    const setting = await sql<{ org: string }>`select current_setting('hub.org_id', true) as org`.execute(tx)
    return { rows, setting: setting.rows }
  })
  expect(left).toEqual({ rows: [], setting: [{ org: '' }] })
})
