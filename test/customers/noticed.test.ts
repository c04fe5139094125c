import { expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { engagementOf } from '#subgraphs/customers/domain/engagement.ts'
import { instantOf, type Said } from '#subgraphs/customers/domain/values.ts'
import { customersBed, worker } from '#test/kit/customers.ts'
import { eventsOf, rowsOf } from './rows.ts'

it('tells what HubSpot has noticed of each person, and where each company sits and how many work there', async () => {
  await using bed = await customersBed({ companies: 20 })
  await using _ = worker(bed)
  await bed.sync('FULL')
  const contacts = await eventsOf<EventPayload<'customers.contact.changed'>>(bed, 'customers.contact.changed')
  const held = new Map([...(await rowsOf(bed, 'contacts')).values()].map((row) => [row.id, row]))
  expect(contacts.length).toBeGreaterThan(20)
  for (const { contactId, noticed, observedAt } of contacts) {
    const { properties } = held.get(contactId)!
    const record = {
      createdAt: instantOf(properties.createdate as Said) ?? new Date(0),
      changedAt: new Date(observedAt),
    }
    const truth = engagementOf(properties, record).noticed
    expect(noticed).toEqual(truth.map(({ signal, count, at }) => ({ signal, count, at: at.toISOString() })))
  }
  expect(contacts.some(({ noticed }) => noticed!.some(({ signal }) => signal === 'MAIL_ANSWERED'))).toBe(true)
  const companies = await eventsOf<EventPayload<'customers.company.changed'>>(
    bed,
    'customers.company.changed',
  )
  const records = new Map([...(await rowsOf(bed, 'companies')).values()].map((row) => [row.id, row]))
  for (const { companyId, country, employees } of companies) {
    const { properties } = records.get(companyId)!
    expect({ country, employees }).toEqual({
      country: properties.country ?? null,
      employees: properties.numberofemployees == null ? null : Number(properties.numberofemployees),
    })
  }
  expect(companies.some(({ employees }) => employees !== null)).toBe(true)
})
