import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { Reading } from '#db/reading.ts'
import { session } from '#db/session.ts'
import { TableNames, TOUCHED_CHANNEL, tellingTables } from '#db/touched.ts'
import { until } from '#test/kit/until.ts'
import { NOTES, note, notesOf, ORG_A, ORG_B, type Trial, trial } from './trial.ts'

const MORE = `-- customers: a view, a function and a partitioned table, for a trial
create view customers.shown_notes with (security_invoker) as select * from customers.notes;
create function customers.count_notes() returns bigint language sql stable security definer as 'select count(*) from customers.notes';
create table customers.parted (id bigint, org_id uuid not null) partition by range (id);
create table customers.parted_1 partition of customers.parted for values from (0) to (10);
alter table customers.parted enable row level security;
alter table customers.parted force row level security;
create policy organisation on customers.parted to :app using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
grant select on customers.shown_notes to :app;
grant execute on function customers.count_notes() to :app;
grant select, insert on customers.parted to :app;
`
const FILES = { 'db/migrations/customers/1-notes.sql': NOTES, 'db/migrations/customers/2-more.sql': MORE }

/** What is told from now on. Resolves once it is heard. */
const listen = async (t: Trial) => {
  const told: string[] = []
  let isHeard = false
  const listening = t.database.listen(TOUCHED_CHANNEL, (payload) => {
    if (payload === undefined) isHeard = true
    else told.push(payload)
  })
  await until(() => isHeard)
  return {
    /** All that was committed up to here has told. */
    all: async () => {
      await t.database.heard()
      return told
    },
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  }
}

describe('tables that tell when they are touched', () => {
  it('tell the organisation and the table once a transaction has committed, and nothing of one that has not', async () => {
    await using t = await trial()
    await t.migrate({ tellsTouched: true })
    await using told = await listen(t)
    await note(t.database, ORG_A, 'one')
    await note(t.database, ORG_B, 'two')
    await t.database
      .transaction(ORG_A, async (tx) => {
        await tx.insertInto('customers.notes').values({ org_id: ORG_A, text: 'three' }).execute()
        throw new Error('not this one')
      })
      .catch(() => undefined)
    await t.database.transaction(ORG_A, async (tx) => {
      await tx.updateTable('customers.notes').set({ text: 'four' }).execute()
      await tx.deleteFrom('customers.notes').execute()
    })
    expect(await told.all()).toEqual([
      `${ORG_A} customers.notes`,
      `${ORG_B} customers.notes`,
      `${ORG_A} customers.notes`,
    ])
  })

  it('tell of all organisations where it is not the app that writes', async () => {
    await using t = await trial()
    await t.migrate({ tellsTouched: true })
    await using told = await listen(t)
    await session(t.urls.owner, (client) => client.query('truncate customers.notes'))
    expect(await told.all()).toEqual(['* customers.notes'])
  })

  it('are those with rows of their own, and none when nobody keeps answers any more', async () => {
    await using t = await trial({ files: FILES })
    expect(await tellingTables(t.database as never)).toEqual([])
    await t.migrate({ tellsTouched: true })
    expect(await tellingTables(t.database as never)).toEqual(['customers.notes'])
    await using told = await listen(t)
    await t.migrate({ tellsTouched: false })
    expect(await tellingTables(t.database as never)).toEqual([])
    // Whoever relies on them learns of it.
    expect(await told.all()).toEqual(['others'])
    await note(t.database, ORG_A, 'untold')
    expect(await told.all()).toEqual(['others'])
  })
})

describe('what was read', () => {
  const readBy = async (t: Trial, run: () => Promise<unknown>) => {
    const reading = new Reading()
    await reading.during(run)
    return { reading, tables: await new TableNames(t.database as never).of(reading.relations) }
  }
  const through = (t: Trial, text: string) =>
    readBy(t, () => t.database.read(ORG_A, (tx) => sql.raw(text).execute(tx)))

  it('is known of every table that was looked into: by itself, through a view, within a function, and though nothing was found', async () => {
    await using t = await trial({ files: FILES })
    expect((await readBy(t, () => notesOf(t.database, ORG_A))).tables).toEqual(['customers.notes'])
    expect((await through(t, 'select * from customers.shown_notes')).tables).toEqual(['customers.notes'])
    expect((await through(t, 'select customers.count_notes()')).tables).toEqual(['customers.notes'])
    expect(
      (await through(t, 'select 1 where false and exists (select from customers.notes)')).tables,
    ).toEqual(['customers.notes'])
    expect((await through(t, 'select 1')).tables).toEqual([])
  })

  it('names partitions, which tell nothing', async () => {
    await using t = await trial({ files: FILES })
    const { tables } = await through(t, 'select * from customers.parted')
    expect(tables.sort()).toEqual(['customers.parted', 'customers.parted_1'])
  })

  it('passes where the relay looks, which sees what is under way', async () => {
    await using t = await trial()
    const { reading } = await readBy(t, () => t.database.relay((tx) => sql`select 1`.execute(tx)))
    expect(reading.isPassing).toBe(true)
  })

  it('is nobody’s business where nobody asks, and costs no statement more where somebody does', async () => {
    await using t = await trial()
    const before = t.database.statements
    await readBy(t, () => notesOf(t.database, ORG_A))
    await notesOf(t.database, ORG_A)
    // One each; and one by which the numbers of tables were given names.
    expect(t.database.statements - before).toBe(3)
  })
})
