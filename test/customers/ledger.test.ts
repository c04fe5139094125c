import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type CustomersBed, importedBed, ORG } from '#test/kit/customers.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'

/** Changes the hub's tables behind its back. */
const spoil = async (bed: CustomersBed, ...statements: readonly string[]): Promise<void> => {
  await bed.database.transaction(ORG, async (tx) => {
    for (const statement of statements) await sql.raw(statement).execute(tx)
  })
}

it('ledger check: finds what was lost, doubled or left unexplained, and nothing else', async () => {
  await using bed = await importedBed({ companies: 8 })
  expect(await checkLedger(bed)).toEqual(CLEAN)
  const [deal] = await bed.records('deals')
  const [company, other] = await bed.records('companies')
  const [contact] = await bed.records('contacts')
  await spoil(
    bed,
    `delete from customers.deals where external_id = '${deal!.id}'`,
    `update customers.companies set properties = properties || '{"name":"Nobody said so"}' where external_id = '${company!.id}'`,
    `delete from sync.links where type = 'companies' and external_id = '${other!.id}'`,
    `insert into customers.edges select org_id, integration_id, 'contacts', '${contact!.id}', 'companies', '999', false
       from customers.contacts limit 1`,
    `update customers.contacts set gone_at = valid_from where external_id = '${contact!.id}'`,
  )
  const { lost, duplicate, unexplained } = await checkLedger(bed)
  expect(lost).toEqual([
    `companies ${company!.id}: name is not the portal's`,
    `contacts ${contact!.id} is not held`,
    `deals ${deal!.id} is not held`,
  ])
  expect(duplicate).toEqual([])
  expect(unexplained).toHaveLength(6)
  expect(unexplained).toEqual(
    expect.arrayContaining([
      `companies ${other!.id} has no mapping to its row`,
      `contacts ${contact!.id}: mapping and row differ in whether it is gone`,
      `contacts ${contact!.id} → companies 999 is held, and the portal has no such link`,
      `contacts ${contact!.id}: its last event says otherwise of whether it is gone`,
      `deals ${deal!.id} has a mapping and no row`,
      expect.stringMatching(/^deals: an event tells of .*, which has no row$/),
    ]),
  )
})
