import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { tellState } from '#subgraphs/customers/sync/tell-state.ts'
import { customersBed, ORG, worker } from '#test/kit/customers.ts'
import { eventsOf } from './rows.ts'

const CHILDREN = ['customers.contact.changed', 'customers.deal.changed', 'customers.ticket.changed']

/** Whose each contact, deal and ticket is: what an event says, as text to compare. */
const belongings = (events: Iterable<{ key: string; payload: unknown }>) =>
  [...events]
    .map(({ key, payload }) => {
      const { companyId, customerId } = payload as { companyId: string | null; customerId: string | null }
      return `${key} of ${companyId} of ${customerId}`
    })
    .sort()

it('tells a newcomer whose a record is, also when its company has yet to arrive', async () => {
  await using bed = await customersBed({ companies: 30 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const logged = (
    await Promise.all(CHILDREN.map((name) => eventsOf<{ companyId: string | null }>(bed, name)))
  ).flat()
  const named = logged.filter(({ companyId }) => companyId !== null).length
  const state = () =>
    bed.database.transaction(ORG, async (tx) => {
      const told = []
      for await (const event of tellState(systemClock)(tx, ORG))
        if (CHILDREN.includes(event.name)) told.push(event)
      return told
    })
  const whole = await state()
  // Types are read side by side: in the middle of an import people are here before their companies.
  await bed.database.transaction(ORG, (tx) => sql`delete from customers.companies`.execute(tx))
  const early = await state()
  expect(whole.filter(({ payload }) => (payload as { companyId: string | null }).companyId)).toHaveLength(
    named,
  )
  expect(named).toBeGreaterThan(60)
  expect(belongings(early)).toEqual(belongings(whole))
})
