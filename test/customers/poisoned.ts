import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { customersBed } from '#test/kit/customers.ts'

/** A clock that runs, and can be moved. @param from what time it is at first; default: now */
export const movable = (from = systemClock.now().toISOString()) => {
  let ahead = Date.parse(from) - systemClock.now().getTime()
  return {
    now: () => new Date(systemClock.now().getTime() + ahead),
    advance: (ms: number) => {
      ahead += ms
    },
  }
}
/** What nobody may find in a log, a letter or an event. */
export const SECRET = 'Poison Ltd, Mrs Canary, canary@example.com'

/** A portal of which one company cannot be stored: a rule of the database stands for what nobody has foreseen. */
export const poisoned = async (companies: number) => {
  const clock = movable()
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await customersBed({ companies, clock }))
  const [poison] = await bed.records('companies')
  await session(bed.test.urls.owner, (client) =>
    client.query(`alter table customers.companies add constraint no_poison check (name not like 'Poison%')`),
  )
  await bed.sim('records/companies', { id: poison!.id, properties: { name: SECRET } })
  const all = stack.move()
  return { ...bed, clock, poison: poison!.id, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
