import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { migrate } from '#db/migrate.ts'
import { session } from '#db/session.ts'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { recordingLog, silentLog } from '#test/kit/log.ts'
import { testServer } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { NOTES, note, notesOf, ORG_A, type Trial, trial } from './trial.ts'

const OWN = 'db/migrations/customers'
const COLOUR = `-- customers: notes have a colour
alter table customers.notes add column colour text;`

/** Requests that go on until told to stop, counted. */
const requests = () => {
  let done = 0
  const failures: unknown[] = []
  const running: Promise<void>[] = []
  let going = true
  const stop = async () => {
    going = false
    await Promise.all(running)
  }
  return {
    done: () => done,
    failures,
    going: () => going && failures.length < 10,
    start: (loop: () => Promise<void>) => running.push(loop()),
    request: async (run: () => Promise<unknown>) => {
      await run().catch((error: unknown) => failures.push(error))
      done += 1
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const asOwner = async (t: Trial, text: string) =>
  (await session(t.urls.owner, (client) => client.query(text))).rows

it('applies the floors first, then the subgraph, each file once and in order', async () => {
  const add = (what: string) => `-- notes what ran\ninsert into customers.ran (what) values ('${what}');`
  const start = '-- customers: what ran\ncreate table customers.ran (id serial, what text);'
  await using t = await trial({
    files: {
      'sync/migrations/1-b.sql': add('sync'),
      'service/migrations/1-b.sql': add('service'),
      'events/migrations/2-b.sql': add('events 2'),
      'events/migrations/1-a.sql': `${start}\n${add('events 1')}`,
      [`${OWN}/1-own.sql`]: add('own'),
      'db/migrations/hub/1-other.sql': add('of another database'),
    },
  })
  await t.migrate()
  const ran = await asOwner(t, 'select what from customers.ran order by id')
  expect(ran.map((row) => row.what)).toEqual(['events 1', 'events 2', 'service', 'sync', 'own'])
  await t.write(`${OWN}/2-later.sql`, add('later'))
  await t.migrate()
  expect((await asOwner(t, 'select what from customers.ran order by id')).at(-1)).toEqual({ what: 'later' })
})

it('records the instant that its clock says', async () => {
  await using t = await trial()
  await t.write(`${OWN}/2.sql`, '-- nothing\nselect 1')
  const clock = new TestClock('2026-03-01T00:00:00Z')
  await migrate({ ...t.migration, subgraph: 'customers', log: silentLog, clock })
  const rows = await asOwner(t, "select applied_at from public.migrations where file like '%/2.sql'")
  expect(rows).toEqual([{ applied_at: new Date('2026-03-01T00:00:00Z') }])
})

it('run once when two processes migrate at the same time', async () => {
  await using t = await trial({ files: {} })
  for (let i = 0; i < 5; i++)
    await t.write(
      `${OWN}/${i}.sql`,
      `-- once\ncreate table customers.once_${i} (id int); select pg_sleep(0.05);`,
    )
  const program = fileURLToPath(new URL('./migrate-now.ts', import.meta.url))
  const run = () => promisify(execFile)(process.execPath, [program, JSON.stringify(t.migration)])
  const outputs = await Promise.all([run(), run()])
  const applied = outputs.map(({ stdout }) => stdout.split('"migrated"').length - 1)
  expect(applied.reduce((a, b) => a + b)).toBe(5)
  expect(await asOwner(t, 'select file from public.migrations')).toHaveLength(5)
})

it('refuses an edited file and says which, and takes turned line ends for no edit', async () => {
  await using t = await trial()
  await t.write(`${OWN}/1-notes.sql`, NOTES.replaceAll('\n', '\r\n'))
  await t.migrate()
  await t.write(`${OWN}/1-notes.sql`, `${NOTES}-- one more thing`)
  await expect(t.migrate()).rejects.toMatchObject({
    code: 'HUB_MIGRATION_REFUSED',
    message: expect.stringContaining(`${OWN}/1-notes.sql`),
  })
})

it('leaves nothing of a migration that fails, and says where it failed', async () => {
  await using t = await trial()
  await t.write(`${OWN}/2-bad.sql`, '-- bad\ncreate table customers.half (id int);\nselect nothing_such;')
  await expect(t.migrate()).rejects.toThrow(/2-bad\.sql .*line 3.*nothing_such/)
  expect(await asOwner(t, "select to_regclass('customers.half') as at")).toEqual([{ at: null }])
  await t.write(`${OWN}/2-bad.sql`, '-- better\ncreate table customers.half (id int);')
  await t.migrate()
})

it('needs no superuser, only a user that may create roles and databases', async () => {
  await using server = await testServer()
  await session(server.url, (client) =>
    client.query("create role manager login createrole createdb password 'secret'"),
  )
  const manager = new URL(server.url)
  manager.username = 'manager'
  manager.password = 'secret'
  await using t = await trial({ server: manager.href })
  await t.migrate()
  await note(t.database, ORG_A, 'of A')
  expect(await notesOf(t.database, ORG_A)).toEqual(['of A'])
})

it('takes from the app role what it must not have', async () => {
  await using server = await testServer()
  await using t = await trial({ server: server.url })
  await session(server.url, (client) => client.query('alter role customers_app bypassrls'))
  await t.migrate()
  const rows = await session(server.url, (client) =>
    client.query("select rolbypassrls from pg_roles where rolname = 'customers_app'"),
  )
  expect(rows.rows).toEqual([{ rolbypassrls: false }])
})

it('answers 503 when the server is not there', async () => {
  await using t = await trial()
  const nowhere = { ...t.migration, adminUrl: 'postgres://postgres:x@127.0.0.1:1/postgres' }
  const attempt = migrate({
    ...nowhere,
    subgraph: 'customers',
    log: silentLog,
    clock: new TestClock('2026-03-01T00:00:00Z'),
  })
  await expect(attempt).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
})

it('fault 14: old and new code work side by side through an additive migration, and nobody waits for it', async () => {
  await using t = await trial({ max: 4 })
  // Whoever waits long for another's lock fails. How long a request takes otherwise is up to the machine.
  await asOwner(t, `alter database ${t.name} set lock_timeout = '10s'`)
  const traffic = requests()
  await using _ = traffic
  const oldCode = async () => {
    while (traffic.going()) {
      await traffic.request(() => note(t.database, ORG_A, 'old'))
      await traffic.request(() => notesOf(t.database, ORG_A))
    }
  }
  traffic.start(oldCode)
  traffic.start(oldCode)
  await until(() => traffic.done() > 10)
  await t.write(`${OWN}/2-colour.sql`, COLOUR)
  const { log, lines } = recordingLog()
  // A reader that stays for a while: a migration that queued behind it would make everybody else queue too.
  await session(t.urls.owner, async (client) => {
    await client.query('begin; select * from customers.notes limit 1')
    const migrating = migrate({ ...t.migration, subgraph: 'customers', log, clock: systemClock })
    const waits = () => lines.filter(({ msg }) => msg === 'a migration waits for a lock').length
    await until(() => waits() > 0)
    const more = traffic.done() + 10
    await until(() => waits() > 1 && traffic.done() > more)
    await client.query('commit')
    await migrating
  })
  // New code beside the old.
  const coloured = { org_id: ORG_A, text: 'new', colour: 'red' }
  await traffic.request(() =>
    t.database.transaction(ORG_A, (tx) => tx.insertInto('customers.notes').values(coloured).execute()),
  )
  const enough = traffic.done() + 10
  await until(() => traffic.done() > enough)
  await traffic.stop()
  expect(traffic.failures).toEqual([])
  expect(await notesOf(t.database, ORG_A)).toContain('new')
})
