import { expect, it } from 'vitest'
import { signalsOf } from '#subgraphs/insights/store/signals.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { ago, NOW } from './facts.ts'
import { says, World } from './world.ts'

const known = async (bed: InsightsBed, world: World) => {
  const found = await bed.database.read(world.orgId, (tx) =>
    signalsOf(asTransaction(tx), world.orgId, ['customer']),
  )
  return found.get('customer')!.sort((a, b) => (a.kind < b.kind ? -1 : 1))
}
const seen = { observedAt: ago(1).toISOString(), deleted: false }
const task = (status: string, isOpen: boolean) => ({
  ...{ taskId: 'task', customerId: 'customer', companyId: 'company', status, isOpen, priority: 'HIGH' },
  ...{ dueAt: ago(-2).toISOString(), createdAt: ago(4).toISOString(), ...seen },
})
const note = {
  noteId: 'note',
  customerId: null,
  companyId: 'company',
  notedAt: ago(6).toISOString(),
  ...seen,
}

it('keeps what HubSpot says of a company, its people, deals, tasks and notes, and no names', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['HUBSPOT:company']))
  const company = { industry: 'COMPUTER_HARDWARE', country: 'Germany', employees: 120, ownerId: 'owner' }
  world.tell('customers.company.changed', says.company('company', company))
  const noticed = [
    { signal: 'CONTACTED' as const, count: 12, at: ago(3).toISOString() },
    { signal: 'MAIL_ANSWERED' as const, count: 2, at: ago(9).toISOString() },
  ]
  world.tell('customers.contact.changed', { ...says.contact('ann', 'company'), noticed })
  world.tell('customers.contact.changed', { ...says.contact('bob', 'company'), noticed: [] })
  const deal = { ...says.deal('deal', 'company'), stage: 'closedwon', stageLabel: 'Signed' }
  world.tell('customers.deal.changed', deal)
  world.tell('customers.task.changed', task('NOT_STARTED', true))
  world.tell('customers.note.changed', note)
  await bed.take(world.told, NOW)
  expect((await known(bed, world)).map(({ kind, details }) => [kind, details])).toEqual([
    ['company', company],
    ['contact', { noticed }],
    ['contact', undefined],
    ['deal', { stage: 'Signed' }],
    ['note', undefined],
    ['task', { dueAt: ago(-2).toISOString() }],
  ])
  expect(JSON.stringify(await known(bed, world))).not.toContain('A company')
})

it('follows a task until it is done and gone, and a note until it is gone', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['HUBSPOT:company']))
  world.tell('customers.task.changed', task('NOT_STARTED', true))
  world.tell('customers.note.changed', note)
  await bed.take(world.told, NOW)
  const shown = async () =>
    (await known(bed, world)).map(({ kind, label, endedAt }) => [kind, label, endedAt && 'ended'])
  expect(await shown()).toEqual([
    ['note', null, null],
    ['task', 'NOT_STARTED', null],
  ])
  const done = world.tell('customers.task.changed', task('COMPLETED', false))
  await bed.take([world.tell('customers.note.changed', { ...note, deleted: true }), done], NOW)
  expect(await shown()).toEqual([['task', 'COMPLETED', 'ended']])
  // A task that is moved to nobody's company is nobody's.
  await bed.take(
    [world.tell('customers.task.changed', { ...task('COMPLETED', false), companyId: null })],
    NOW,
  )
  expect(await shown()).toEqual([])
})
