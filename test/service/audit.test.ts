import { expect, it } from 'vitest'
import type { DB } from '#db/generated/hub.ts'
import { audit, auditAll } from '#service/audit.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import { ORG, user } from './graph.ts'

const OTHER = '00000000-0000-4000-8000-000000000002'
const at = new Date('2026-03-01T08:00:00Z')
const contact = {
  id: '7',
  firstName: 'Ann',
  email: 'ann@example.com',
  jobTitle: 'CEO',
  owner: { email: 'bo@example.com' },
}
const entry = {
  orgId: ORG,
  principal: user(),
  action: 'changeContact',
  subject: { type: 'Contact', id: '7' },
  before: contact,
  after: {
    ...contact,
    email: 'ann@elsewhere.com',
    jobTitle: 'CTO',
    owner: { id: 'o1', email: 'bo@elsewhere.com' },
  },
  at,
}

it('keeps who changed what, with the fields that differ and personal values masked', async () => {
  await using hub = await testDatabase<DB>('hub')
  await hub.database.transaction(ORG, (tx) => audit(tx, entry))
  const rows = await hub.database.read(ORG, (tx) => tx.selectFrom('service.audit_log').selectAll().execute())
  expect(rows).toEqual([
    {
      id: 1,
      org_id: ORG,
      at,
      who_kind: 'user',
      who_id: 'somebody',
      action: 'changeContact',
      subject_type: 'Contact',
      subject_id: '7',
      door: null,
      trace_id: null,
      idempotency_key: null,
      diff: {
        email: ['[email]', '[email]'],
        jobTitle: ['CEO', 'CTO'],
        owner: [{ email: '[email]' }, { id: 'o1', email: '[email]' }],
      },
    },
  ])
})

it('keeps nothing of a change that was rolled back, and writes many entries in one statement', async () => {
  await using hub = await testDatabase<DB>('hub')
  const failing = hub.database.transaction(ORG, async (tx) => {
    await audit(tx, entry)
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  const before = hub.database.statements
  await hub.database.transaction(ORG, (tx) =>
    auditAll(
      tx,
      Array.from({ length: 50 }, () => entry),
    ),
  )
  expect(hub.database.statements - before).toBe(1)
  const count = (org: string) =>
    hub.database.read(org, (tx) => tx.selectFrom('service.audit_log').selectAll().execute())
  expect(await count(ORG)).toHaveLength(50)
  expect(await count(OTHER)).toHaveLength(0)
})

it('lets nobody change or remove an entry, or write one for another organisation', async () => {
  await using hub = await testDatabase<DB>('hub')
  await hub.database.transaction(ORG, (tx) => audit(tx, entry))
  const update = hub.database.transaction(ORG, (tx) =>
    tx.updateTable('service.audit_log').set({ action: 'other' }).execute(),
  )
  await expect(update).rejects.toThrow('permission denied')
  const remove = hub.database.transaction(ORG, (tx) => tx.deleteFrom('service.audit_log').execute())
  await expect(remove).rejects.toThrow('permission denied')
  const foreign = hub.database.transaction(OTHER, (tx) => audit(tx, entry))
  await expect(foreign).rejects.toThrow('row-level security')
})
