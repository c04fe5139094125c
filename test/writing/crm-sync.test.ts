import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ConnectionsBed, connectionsBed, FIRST_PORTAL } from '../connections/bed.ts'
import { ORG } from '../kit/customers.ts'
import { until } from '../kit/until.ts'

const stack = new AsyncDisposableStack()
let bed: ConnectionsBed
beforeAll(async () => {
  bed = stack.use(await connectionsBed({ companies: 3 }))
  const id = await bed.connect(FIRST_PORTAL)
  await bed.settled()
  await bed.rest('POST', `/api/v2/integrations/hubspot/${id}/provision`)
  await until(async () => {
    const { rows } = await bed.database.read(ORG, (tx) =>
      sql`select from customers.portal_properties where name = 'hub_external_key' and type in ('contacts', 'companies')`.execute(
        tx,
      ),
    )
    return rows.length === 2
  })
  await bed.settled()
  await bed.approve(id)
})
afterAll(() => stack.disposeAsync())

const sync = (body: object) => bed.rest('POST', '/api/integrations/crm/sync', body)
/** Sent again while HubSpot has not answered, as a caller on a slow day does. */
const synced = async (body: object) => {
  for (let times = 1; ; times++) {
    const answer = await sync(body)
    if (!answer.body.pending || times === 5) return answer
  }
}
const there = async (type: string, id: string) => {
  const { results } = await bed.sim<{ results: { id: string; properties: Record<string, string | null> }[] }>(
    `records/${type}?limit=1000`,
  )
  return results.find((record) => record.id === id)?.properties
}

it('brings a person and a company to HubSpot in the words of the earlier product, and the same one again when it is sent again', async () => {
  const company = { name: 'Acme Corp', domain: 'acme-corp.example' }
  const made = await synced({ entity_type: 'company', company })
  expect(made.status).toBe(200)
  expect(made.body).toEqual({
    success: true,
    crmContactId: expect.stringMatching(/^\d+$/),
    entityType: 'company',
  })
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{
      customer_id: string
    }>`select customer_id from customers.companies where external_id = ${made.body.crmContactId}`.execute(tx),
  )
  const contact = {
    ...{ email: 'john@acme-corp.example', firstName: 'John', lastName: 'Doe', company: 'Acme Corp' },
    ...{ companyId: rows[0]?.customer_id, phone: '+44 20 1234 5678', title: 'CTO' },
  }
  const options = { skipEnrichment: false, priority: 8 }
  const john = await synced({ entity_type: 'contact', contact, options })
  expect(john.body).toEqual({
    success: true,
    crmContactId: expect.stringMatching(/^\d+$/),
    entityType: 'contact',
  })
  expect(await there('contacts', john.body.crmContactId)).toMatchObject({
    ...{
      email: 'john@acme-corp.example',
      firstname: 'John',
      lastname: 'Doe',
      company: 'Acme Corp',
      jobtitle: 'CTO',
    },
  })
  const again = await sync({ entity_type: 'contact', contact: { ...contact, title: 'CEO' } })
  expect(again.body).toMatchObject({ success: true, crmContactId: john.body.crmContactId })
  expect(
    (await sync({ entity_type: 'company', company: { ...company, city: 'Elko' } })).body.crmContactId,
  ).toBe(made.body.crmContactId)
  await until(async () => (await there('contacts', john.body.crmContactId))?.jobtitle === 'CEO')
  await until(async () => (await there('companies', made.body.crmContactId))?.city === 'Elko')
})

it('says when HubSpot has given no id yet, and what of a request cannot be used', async () => {
  expect(await sync({ entity_type: 'robot', contact: { email: 'a@b.example' } })).toMatchObject({
    status: 422,
  })
  expect(await sync({ entity_type: 'contact' })).toMatchObject({ status: 422, body: { field: 'contact' } })
  expect(await sync({ entity_type: 'contact', contact: { email: 'none' } })).toMatchObject({
    body: { field: 'email' },
  })
  expect(await sync({ entity_type: 'contact', contact: { email: 'a@b.example' }, more: 1 })).toMatchObject({
    status: 400,
  })
  const [id] = (await bed.integrations()).map((row) => row.id)
  await bed.rest('POST', `/api/v2/integrations/hubspot/${id}/pause`, { direction: 'OUT' })
  const waiting = await sync({ entity_type: 'contact', contact: { email: 'later@acme-corp.example' } })
  expect(waiting.body).toEqual({ success: true, crmContactId: null, entityType: 'contact', pending: true })
})

it('has the customer of what is brought written about, as urgently as is said, where the connection enriches and nobody skips it', async () => {
  const wanted = async () =>
    (
      await bed.database.read(ORG, (tx) =>
        sql<{
          key: string
          priority: number
        }>`select key, (payload ->> 'priority')::int as priority from events.recorded where name = 'customers.enrichment.wanted' order by batch, place`.execute(
          tx,
        ),
      )
    ).rows
  const company = (n: number) => ({ name: `Firm ${n}`, domain: `firm-${n}.example` })
  const enrich = (autoEnrich: boolean) =>
    bed.database.transaction(ORG, (tx) =>
      sql`update customers.integrations set auto_enrich = ${autoEnrich}`.execute(tx),
    )
  await sync({ entity_type: 'company', company: company(1), options: { priority: 8 } })
  expect(await wanted()).toEqual([])
  await enrich(true)
  await sync({ entity_type: 'company', company: company(2), options: { priority: 8 } })
  await sync({ entity_type: 'company', company: company(3), options: { skipEnrichment: true, priority: 9 } })
  await sync({ entity_type: 'company', company: company(4), options: { priority: 99 } })
  await sync({ entity_type: 'company', company: company(5) })
  await until(async () => (await wanted()).length === 3)
  expect((await wanted()).map(({ priority }) => priority)).toEqual([8, 10, 5])
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{ customer_id: string }>`select customer_id from customers.companies c join customers.customers k
      on k.org_id = c.org_id and k.id = c.customer_id where k.name in ('Firm 2', 'Firm 4', 'Firm 5') order by k.name`.execute(
      tx,
    ),
  )
  expect((await wanted()).map(({ key }) => key)).toEqual(rows.map((row) => row.customer_id))
})
