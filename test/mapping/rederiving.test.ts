import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rederiveSome } from '#subgraphs/customers/sync/rederive.ts'
import { ORG } from '#test/kit/customers.ts'
import { eventsOf } from '../customers/rows.ts'
import { type Change, type MappedPortal, mappedPortal } from './mapped-portal.ts'

const stack = new AsyncDisposableStack()
let portal: MappedPortal
beforeAll(async () => {
  portal = stack.use(await mappedPortal({ companies: 30 }))
})
afterAll(() => stack.disposeAsync())

const TITLES = [
  {
    field: 'jobTitle',
    properties: ['email'],
    transforms: [{ kind: 'SPLIT', separator: '@', part: 1 }],
  },
]

it('goes on where it was after a break, looks at each record once and tells of each change once', async () => {
  const contacts = await portal.records('contacts')
  const told = (await eventsOf(portal, 'customers.contact.changed')).length
  await portal.save('CONTACTS', TITLES)
  // Two batches of one process, another that breaks off before its commit, then whoever is left.
  const step = (broken = false) =>
    portal.database.transaction(ORG, async (tx) => {
      const looked = await rederiveSome(tx, ORG, portal.clock.now(), 20)
      if (broken) throw new Error('killed')
      return looked
    })
  expect([await step(), await step()]).toEqual([20, 20])
  await expect(step(true)).rejects.toThrow('killed')
  expect((await portal.mapping('CONTACTS')).rederivation).toMatchObject({
    complete: false,
    done: 40,
    total: contacts.length,
  })
  {
    await using _ = portal.rederiving({ batch: 20 })
    await using __ = portal.rederiving({ batch: 20 })
    const done = await portal.followed('CONTACTS')
    expect(done).toMatchObject({ done: contacts.length, total: contacts.length, changed: contacts.length })
  }
  const rows = await portal.database.read(ORG, (tx) =>
    tx.selectFrom('customers.contacts').select(['external_id', 'job_title']).execute(),
  )
  const title = new Map(rows.map((row) => [row.external_id, row.job_title]))
  for (const { id, properties } of contacts)
    expect(title.get(id)).toBe(properties.email?.split('@')[0] ?? null)
  expect((await eventsOf(portal, 'customers.contact.changed')).length - told).toBe(contacts.length)
  expect(await step()).toBeUndefined()
})

it('takes the same number of statements for a batch of ten as for one of thirty', async () => {
  /** Everything differs from what is stored by this mapping. */
  const counted = async (limit: number, type: string, change: Change) => {
    await portal.save(type, [change])
    const from = portal.database.statements
    expect(
      await portal.database.transaction(ORG, (tx) => rederiveSome(tx, ORG, portal.clock.now(), limit)),
    ).toBe(limit)
    const took = portal.database.statements - from
    await portal.database.transaction(ORG, (tx) => sql`delete from customers.rederivations`.execute(tx))
    return took
  }
  const title = (text: string) => ({
    field: 'jobTitle',
    properties: ['email'],
    transforms: [{ kind: 'TEMPLATE', text: `${text} {email}` }],
  })
  const [few, many] = [
    await counted(10, 'CONTACTS', title('few')),
    await counted(30, 'CONTACTS', title('many')),
  ]
  expect(many).toBe(few)
  const name = (text: string) => ({
    field: 'name',
    properties: ['name'],
    transforms: [{ kind: 'TEMPLATE', text: `${text} {name}` }],
  })
  expect(await counted(30, 'COMPANIES', name('many'))).toBe(await counted(10, 'COMPANIES', name('few')))
})

it('loses no change of a record that is read while its mapping is being saved', async () => {
  const companies = await portal.records('companies')
  await using _ = portal.rederiving({ batch: 3 })
  for (const round of [1, 2, 3]) {
    await portal.change(
      'companies',
      companies.map(({ id }, n) => ({ id, properties: { city: `City ${round}.${n}` } })),
    )
    const properties = round % 2 === 1 ? ['city'] : ['industry']
    const [run] = await Promise.all([
      portal.sync('INCREMENTAL'),
      portal.save('COMPANIES', [{ field: 'industry', properties }]),
    ])
    expect(run).toMatchObject({ state: 'COMPLETED', failed: 0 })
    await portal.followed('COMPANIES')
    const rows = await portal.database.read(ORG, (tx) =>
      tx.selectFrom('customers.companies').select(['external_id', 'industry', 'properties']).execute(),
    )
    for (const { industry, properties: said } of rows)
      expect(industry).toBe((said as Record<string, string>)[properties[0] ?? ''] ?? null)
    expect(
      rows.every(({ properties: said }) =>
        (said as Record<string, string>).city?.startsWith(`City ${round}.`),
      ),
    ).toBe(true)
  }
})
