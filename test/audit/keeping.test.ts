import { sql } from 'kysely'
import { expect, it } from 'vitest'
import type { DB as CustomersDB } from '#db/generated/customers.ts'
import type { DB } from '#db/generated/hub.ts'
import { session } from '#db/session.ts'
import { TestClock } from '#kernel/clock.ts'
import { readEvent } from '#schema/events.ts'
import { audit, auditAll, tellAudit } from '#service/audit.ts'
import { forgetAudit, startForgettingAudit } from '#service/audit-retention.ts'
import { keepAudit } from '#subgraphs/hub/commands/keep-audit.ts'
import { auditEntries } from '#subgraphs/hub/store/audit.ts'
import { asTransaction } from '#subgraphs/hub/store/transaction.ts'
import { whileAsked } from '#telemetry/asked.ts'
import { silentLog } from '#test/kit/log.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { ORG, user } from '#test/service/graph.ts'

const at = new Date('2026-03-01T08:00:00.123Z')
const entry = (n = 0) => ({
  orgId: ORG,
  principal: user(),
  action: 'changeContact',
  subject: { type: 'Contact', id: `contact-${n}` },
  before: { jobTitle: 'CEO', email: 'ann@example.com' },
  after: { jobTitle: 'CTO', email: 'ann@elsewhere.com' },
  at,
})
const told = (database: { relay<T>(run: (tx: object) => Promise<T>): Promise<T> }) =>
  database.relay(async (tx) => {
    const { rows } = await sql<{ key: string; name: string; version: number; payload: unknown }>`
      select key, name, version, payload from events.recorded order by batch, place`.execute(tx as never)
    return rows
  })

it('tells each audit row by an event, in its transaction and in no statement more, however many they are', async () => {
  await using customers = await testDatabase<CustomersDB>('customers')
  const { database } = customers
  const before = database.statements
  await whileAsked({ door: 'REST', idempotencyKey: 'of ann@example.com' }, () =>
    database.transaction(ORG, (tx) =>
      auditAll(
        tx,
        Array.from({ length: 450 }, (_, n) => entry(n)),
      ),
    ),
  )
  expect(database.statements - before).toBe(1)
  const failing = database.transaction(ORG, async (tx) => {
    await audit(tx, entry())
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  const events = await told(database)
  expect(events).toHaveLength(450)
  expect(new Set(events.map(({ key }) => key)).size).toBe(450)
  expect(readEvent('customers.audit.written', 1, events[7]?.payload)).toEqual({
    ...{
      auditId: '8',
      at: at.toISOString(),
      actorKind: 'user',
      actorId: 'somebody',
      action: 'changeContact',
    },
    ...{ subjectType: 'Contact', subjectId: 'contact-7', door: 'REST', traceId: null },
    ...{ diff: { jobTitle: ['CEO', 'CTO'], email: ['[email]', '[email]'] }, idempotencyKey: 'of [email]' },
  })
  const { rows } = await database.relay((tx) =>
    sql<{ size: number }>`select size from events.outbox order by id`.execute(tx),
  )
  expect(rows.map(({ size }) => size)).toEqual([200, 200, 50])
})

it('a hub that starts anew is told the whole audit as it was told at first, and keeps each act once', async () => {
  await using customers = await testDatabase<CustomersDB>('customers')
  await using hub = await testDatabase<DB>('hub')
  await customers.database.transaction(ORG, (tx) => auditAll(tx, [entry(1), entry(2)]))
  const events = await told(customers.database)
  const anew = await customers.database.read(ORG, (tx) => Array.fromAsync(tellAudit(tx, ORG, 'customers')))
  expect(anew.map(({ occurredAt: _, ...one }) => one)).toEqual(events)
  const logged = anew.map((one, n) => ({ ...one, pos: n + 1, orgId: ORG }))
  for (let n = 0; n < 2; n++)
    await hub.database.transaction(ORG, (tx) => keepAudit(asTransaction(tx), ORG, 'customers', logged))
  const kept = await hub.database.read(ORG, (tx) =>
    auditEntries(asTransaction(tx), ORG, { limit: 10, after: null }),
  )
  expect(kept.map(({ id, at, subjectId }) => [id, at, subjectId])).toEqual([
    ['customers:2', at, 'contact-2'],
    ['customers:1', at, 'contact-1'],
  ])
})

it('is only ever added to: nobody changes or removes an act, whatever the role, before it is too old to be kept', async () => {
  await using hub = await testDatabase<DB>('hub')
  const { database } = hub
  await database.transaction(ORG, (tx) =>
    auditAll(tx, [entry(1), { ...entry(2), at: new Date('2027-03-01') }]),
  )
  const events = (await told(database)).map((one, n) => ({ ...one, pos: n + 1, orgId: ORG, occurredAt: at }))
  await database.transaction(ORG, (tx) => keepAudit(asTransaction(tx), ORG, 'hub', events))
  for (const table of ['service.audit_log', 'hub.audit_entries']) {
    for (const act of [`update ${table} set action = 'other'`, `delete from ${table}`]) {
      await expect(
        session(hub.adminUrl, (client) => client.query(act)),
        act,
      ).rejects.toMatchObject({ code: '42501' })
      await expect(
        session(hub.urls.app, (client) => client.query(act)),
        act,
      ).rejects.toMatchObject({ code: '42501' })
    }
  }
  const left = async (table: string) =>
    session(hub.adminUrl, async (client) => (await client.query(`select at from ${table}`)).rows.length)
  await forgetAudit(database, 'hub.audit_entries', new Date('2026-02-01'))
  expect([await left('service.audit_log'), await left('hub.audit_entries')]).toEqual([2, 2])
  const clock = new TestClock('2026-04-15')
  for (const table of ['service.audit_log', 'hub.audit_entries'] as const) {
    await using _ = startForgettingAudit({ database, clock, log: silentLog, auditKeptDays: 30 }, table)
    await until(async () => (await left(table)) === 1)
  }
})
