import { expect, it } from 'vitest'
import { eraseAsRequested } from '#subgraphs/customers/jobs/erase-requested.ts'
import { ORG } from '#test/kit/customers.ts'
import { searchDatabase, searchTexts } from '#test/kit/searching.ts'
import { type WebhookBed, webhookBed } from '#test/webhooks/bed.ts'
import { ERASE, JANE, JANE_WORDS, LOOK_UP } from './bed.ts'

const asked = async (bed: WebhookBed, query: string, variables: object) => {
  const { data, errors } = await bed.graph(query, { ...variables })
  expect(errors).toBeUndefined()
  return Object.values(data)[0] as Record<string, unknown>
}
const hits = (bed: WebhookBed) => searchDatabase(bed.test.adminUrl, JANE_WORDS)
const jobContext = (bed: WebhookBed) => ({ database: bed.database, clock: bed.clock, published: () => {} })
const attempt = { id: 'test', number: 1, signal: new AbortController().signal }

/** Tells by webhook that a contact has changed, with the value that it has now, as HubSpot does. */
const tell = (bed: WebhookBed, id: string, propertyName: string, propertyValue: string) =>
  bed.deliver([bed.event('contact.propertyChange', id, { propertyName, propertyValue })])

it('fault 72: webhooks that arrive while a person is erased, and after it, bring nothing of the person back', async () => {
  await using bed = await webhookBed()
  const { results } = await bed.sim<{ results: { id: string }[] }>('records/contacts', {
    properties: { email: JANE.email, firstname: JANE.first, lastname: JANE.last, phone: JANE.phone },
  })
  const { id } = results[0]!
  expect((await tell(bed, id, 'email', JANE.email)).status).toBe(200)
  await bed.settled()
  expect((await hits(bed)).map(({ place }) => place)).toContain('customers.contacts.email')

  // Sixty changes are told, the person is erased somewhere between.
  const told = Array.from({ length: 60 }, async (_, n) => {
    const jobtitle = `Title ${n} whispercanary`
    await bed.sim('records/contacts', { id, properties: { jobtitle } })
    expect((await tell(bed, id, 'jobtitle', jobtitle)).status).toBe(200)
  })
  const erasing = asked(bed, ERASE, { subject: { email: JANE.email } })
  await Promise.all(told)
  expect(await erasing).toMatchObject({ __typename: 'PersonErased', contactIds: [expect.anything()] })
  await tell(bed, id, 'lastname', JANE.last)
  await bed.settled()
  expect(await hits(bed)).toEqual([])
  expect(searchTexts('text', [JSON.stringify(bed.lines)], JANE_WORDS)).toEqual([])
})

it('takes what webhooks told of an erased person out of the list of webhooks, and leaves what they told of others', async () => {
  await using bed = await webhookBed()
  const [first, second] = await bed.records('contacts')
  const event = (one: { id: string }) =>
    bed.event('contact.propertyChange', one.id, { propertyName: 'jobtitle' })
  await bed.deliver([event(first!), event(second!)])
  await bed.settled()
  const named = async (id: string) =>
    (await bed.rows('customers.webhook_deliveries')).filter(({ events, records }) =>
      JSON.stringify([events, records]).includes(`"${id}"`),
    )
  expect([await named(first!.id), await named(second!.id)].map(({ length }) => length)).toEqual([1, 1])
  const subject = { hubspotContactId: first!.id }
  expect(await asked(bed, LOOK_UP, { subject })).toMatchObject({
    stores: expect.arrayContaining([{ store: 'customers.webhook_deliveries', rows: 1 }]),
  })
  await asked(bed, ERASE, { subject })
  expect([await named(first!.id), await named(second!.id)].map(({ length }) => length)).toEqual([0, 1])
})

it('lets the sealed words of a webhook about another record go when they mention the erased, and keeps the others', async () => {
  await using bed = await webhookBed({ worker: false })
  const [deal, other] = await bed.records('deals')
  const renamed = (id: string, propertyValue: string) =>
    bed.deliver([bed.event('deal.propertyChange', id, { propertyName: 'dealname', propertyValue })])
  await renamed(deal!.id, `Order by ${JANE.email.toUpperCase()}`)
  await renamed(other!.id, 'Order by somebody@example.com')
  await asked(bed, ERASE, { subject: { email: JANE.email } })
  const kept = (await bed.rows('customers.webhook_deliveries')).map(({ records, raw_sealed }) => [
    (records as string[][])[0]![1],
    raw_sealed !== null,
  ])
  expect(kept.sort()).toEqual(
    [
      [deal!.id, false],
      [other!.id, true],
    ].sort(),
  )
})

it('forgets whom HubSpot was told to forget, once, also whom it never knew, and goes on where it was interrupted', async () => {
  await using bed = await webhookBed()
  const { results } = await bed.sim<{ results: { id: string }[] }>('records/contacts', {
    properties: { email: JANE.email, firstname: JANE.first },
  })
  const { id } = results[0]!
  await tell(bed, id, 'email', JANE.email)
  await bed.settled()
  await bed.sim('records/contacts', { id, purge: true })
  await bed.deliver([
    bed.event('contact.privacyDeletion', id),
    bed.event('contact.privacyDeletion', '404404404'),
  ])
  const task = eraseAsRequested(bed.vault)
  // Whoever does it is stopped at once, is done again, and by two.
  const stopped = { ...attempt, signal: AbortSignal.abort() }
  await task.run({}, jobContext(bed), stopped)
  expect(await bed.rows('customers.privacy_requests')).toHaveLength(2)
  await Promise.all([task.run({}, jobContext(bed), attempt), task.run({}, jobContext(bed), attempt)])
  expect(await bed.rows('customers.privacy_requests')).toEqual([])
  await bed.settled()
  expect(await hits(bed)).toEqual([])
  const acts = await bed.database.read(ORG, (tx) =>
    tx.selectFrom('service.audit_log').selectAll().where('action', '=', 'erasePerson').execute(),
  )
  expect(acts.map(({ who_id, diff }) => [who_id, (diff as Record<string, unknown>).reason])).toEqual([
    ['system:hubspot', [null, 'ASKED_BY_HUBSPOT']],
    ['system:hubspot', [null, 'ASKED_BY_HUBSPOT']],
  ])
})
