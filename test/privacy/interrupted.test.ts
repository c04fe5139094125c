import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { session } from '#db/session.ts'
import { ORG } from '#test/kit/customers.ts'
import { searchDatabase, searchTexts } from '#test/kit/searching.ts'
import { until } from '#test/kit/until.ts'
import {
  ERASE,
  JANE,
  JANE_WORDS,
  LOOK_UP,
  type PrivacyBed,
  privacyBed,
  seedJane,
  startAnother,
} from './bed.ts'

const withJane = async (): Promise<PrivacyBed> => {
  await using stack = new AsyncDisposableStack()
  const bed = stack.use(await privacyBed())
  const { jane, double } = await seedJane(bed)
  await bed.sim('records/contacts', { id: jane, merge: double })
  await bed.sync('INCREMENTAL')
  const all = stack.move()
  return { ...bed, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
const hits = async (bed: PrivacyBed) =>
  (await searchDatabase(bed.test.adminUrl, JANE_WORDS)).map(({ place, word }) => `${place} ${word}`).sort()
const acts = (bed: PrivacyBed) =>
  bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').selectAll().where('action', '=', 'erasePerson').execute(),
  )
const subject = { email: JANE.email }

it('fault 72: an erasure that is killed half-way has done nothing, and does all when it is asked for again', async () => {
  await using bed = await withJane()
  const before = await hits(bed)
  expect(before.length).toBeGreaterThan(10)
  // A late table of an erasure is held, so that it waits there with her own records gone.
  const release = Promise.withResolvers<void>()
  const isHeld = Promise.withResolvers<void>()
  const holding = bed.database.transaction(ORG, async (tx) => {
    await sql`select from customers.companies where org_id = ${ORG}::uuid for update`.execute(over(tx))
    isHeld.resolve()
    await release.promise
  })
  await isHeld.promise
  const erasing = bed.raw(ERASE, { subject })
  const killed = await until(() =>
    session(bed.test.adminUrl, async (client) => {
      const { rows } = await client.query<{ gone: boolean }>(`
        select pg_terminate_backend(pid) as gone from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and query like '%customers%companies%'`)
      return rows.length
    }),
  )
  expect(killed).toBe(1)
  const { errors } = await erasing
  expect(errors).toHaveLength(1)
  expect(searchTexts('text', [JSON.stringify(errors)], JANE_WORDS)).toEqual([])
  release.resolve()
  await holding
  expect(await hits(bed)).toEqual(before)
  expect(await acts(bed)).toEqual([])
  expect(await bed.graph(LOOK_UP, { subject })).toMatchObject({ isSuppressed: false })

  expect(await bed.graph(ERASE, { subject })).toMatchObject({ __typename: 'PersonErased' })
  expect(await hits(bed)).toEqual([])
  expect(await acts(bed)).toHaveLength(1)
})

it('fault 72: erased at once by two processes, and once more, a person is gone and each act is written down', async () => {
  await using bed = await withJane()
  await using other = await startAnother(bed)
  const [one, two] = await Promise.all([
    bed.graph(ERASE, { subject }),
    other.graph(ERASE, { subject: { phone: JANE.phone } }),
  ])
  // Whoever came second found nobody any more, and what it was asked by is suppressed all the same.
  const [first, second] = [one, two].sort((a, b) => b.contactIds.length - a.contactIds.length)
  expect(first.contactIds.length).toBeGreaterThan(0)
  expect(second).toMatchObject({ contactIds: [], stores: [] })
  expect(await hits(bed)).toEqual([])
  expect(await bed.graph(ERASE, { subject })).toMatchObject({ contactIds: [], stores: [] })
  const written = await acts(bed)
  expect(written).toHaveLength(3)
  expect(searchTexts('text', [JSON.stringify(written)], JANE_WORDS)).toEqual([])
  await bed.sync('FULL')
  expect(await hits(bed)).toEqual([])
})
