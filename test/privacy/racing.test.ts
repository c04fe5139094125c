import { expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { eraseByRecord } from '#subgraphs/customers/commands/erase-person.ts'
import { suppressionKey } from '#subgraphs/customers/store/suppressions.ts'
import { admit } from '#subgraphs/customers/sync/admit.ts'
import { customersBed, ORG, worker } from '#test/kit/customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { searchDatabase } from '#test/kit/searching.ts'
import { until } from '#test/kit/until.ts'

const EMAIL = 'racer.canary@mail-canary.example'

type Bed = Awaited<ReturnType<typeof customersBed>>
const eraser = (bed: Bed) => {
  const database = openDatabase<DB>(bed.test.urls, { log: silentLog })
  const principal = { kind: 'system' as const, id: 'system:test' }
  return {
    erase: (externalId: string) =>
      database.transaction(ORG, (tx) =>
        eraseByRecord(
          tx,
          { orgId: ORG, principal, clock: bed.clock, vault: bed.vault },
          { connectionId: bed.integrationId, externalId },
        ),
      ),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

const contactsOf = async (bed: Bed, emails: string[]): Promise<string[]> =>
  (
    await bed.database.read(ORG, (tx) =>
      tx.selectFrom('customers.contacts').select('email').where('email', 'in', emails).execute(),
    )
  ).flatMap(({ email }) => email ?? [])

it('fault 72: a page that was read before the erasure does not bring the person back after it', async () => {
  await using bed = await customersBed({ companies: 2 })
  await using _ = worker(bed)
  await using hand = eraser(bed)
  await bed.sim('records/contacts', { properties: { email: EMAIL, firstname: 'Racer' } })
  await bed.sync('FULL')
  const [racer] = (await bed.records('contacts')).filter(({ properties }) => properties.email === EMAIL)
  // The portal has answered; the answer takes its time.
  await bed.sim('records/contacts', { id: racer!.id, properties: { jobtitle: 'Changed' } })
  await bed.sim('faults', {
    list: [{ path: 'objects/contacts/search', times: 1, play: { do: 'hold', afterCommit: true } }],
  })
  await bed.sim('journal', undefined, 'DELETE')
  const run = await bed.ask('INCREMENTAL')
  await until(async () => (await bed.journal()).entries.some(({ fault }) => fault))
  await hand.erase(racer!.id)
  await bed.sim('faults', undefined, 'DELETE')
  expect(await bed.ended(run)).toMatchObject({ state: 'COMPLETED' })
  expect(await contactsOf(bed, [EMAIL])).toEqual([])
  expect(await searchDatabase(bed.test.adminUrl, [EMAIL])).toEqual([])
})

it('fault 72: an erasure waits for the page that is being written, and erases what it wrote', async () => {
  await using bed = await customersBed({ companies: 2 })
  await using _ = worker(bed)
  await using hand = eraser(bed)
  await bed.sim('records/contacts', { properties: { email: EMAIL, firstname: 'Racer' } })
  await bed.sync('FULL')
  const [racer] = (await bed.records('contacts')).filter(({ properties }) => properties.email === EMAIL)
  const written = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  const key = await bed.database.transaction(ORG, (tx) => suppressionKey(tx, ORG, bed.vault, bed.clock.now()))
  const page = bed.database.transaction(ORG, async (tx) => {
    const record = { externalId: racer!.id, values: { email: EMAIL }, modifiedAt: undefined }
    const around = { orgId: ORG, connectionId: bed.integrationId, runId: null, at: bed.clock.now() }
    expect(await admit({ portal: 'p', key })(tx, 'contacts', [record], around as never)).toHaveLength(1)
    await tx
      .updateTable('customers.contacts')
      .set({ job_title: EMAIL })
      .where('external_id', '=', racer!.id)
      .execute()
    written.resolve()
    await mayEnd.promise
  })
  await written.promise
  const ended: string[] = []
  const erasing = hand.erase(racer!.id).then(() => ended.push('erasure'))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(ended).toEqual([])
  mayEnd.resolve()
  await page.then(() => ended.push('page'))
  await erasing
  expect(await searchDatabase(bed.test.adminUrl, [EMAIL])).toEqual([])
})

it('fault 72: forty persons erased while everything is read again, by run and by signal, stay erased', async () => {
  await using bed = await customersBed({ companies: 30 })
  await using first = worker(bed)
  await using second = worker(bed)
  await using hand = eraser(bed)
  await bed.sync('FULL')
  expect([first, second]).toHaveLength(2)
  const gone = (await bed.records('contacts')).filter(({ properties }) => properties.email).slice(0, 40)
  const run = await bed.ask('RECONCILE')
  for (const [n, { id }] of gone.entries()) {
    const touched = gone.slice(n, n + 5).map((each) => each.id)
    await bed.sim('records/contacts', {
      list: touched.map((each) => ({ id: each, properties: { jobtitle: `Job ${n}` } })),
    })
    await bed.note('contacts', touched)
    await hand.erase(id)
  }
  expect(await bed.ended(run)).toMatchObject({ state: 'COMPLETED' })
  await bed.sync('INCREMENTAL')
  await bed.sync('RECONCILE')
  const emails = gone.map(({ properties }) => properties.email!)
  expect(await contactsOf(bed, emails)).toEqual([])
  expect(await searchDatabase(bed.test.adminUrl, emails)).toEqual([])
})
