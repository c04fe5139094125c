import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { ORG } from '#test/kit/customers.ts'
import { until } from '#test/kit/until.ts'
import { ERASE } from '../privacy/bed.ts'
import { type OnboardingBed, onboardingBed } from './bed.ts'

const outbox = (bed: OnboardingBed) =>
  bed.database.read(ORG, async (tx) => {
    const { rows } = await sql<{ state: string; attempts: number; error_code: string | null }>`
      select state, attempts, error_code from customers.mail_outbox order by made_at`.execute(tx)
    return rows
  })
const tried = (bed: OnboardingBed, from: number) => until(() => bed.smtp.tries() > from)

it('sends the welcome mail once the mail server takes it, under one name, and to nobody who was erased or must not be written to', async () => {
  await using bed = await onboardingBed()
  const [first, second, third, fourth] = await bed.deals(4)
  await bed.setMail(1)
  const win = async (deal: typeof first) => {
    await bed.openAccount(deal!.domain)
    await bed.say(deal!.record, 'closedwon')
  }

  // Down, and then up, with its answer lost: the same mail goes out under the same name.
  bed.smtp.feel('BUSY')
  await win(first)
  const waiting = await bed.step(first!.customer, 'WELCOME_MAIL', 'WAITING', 'MAIL_SENT')
  await tried(bed, 0)
  expect(await outbox(bed)).toMatchObject([{ state: 'QUEUED', error_code: null }])
  // What waits is only looked at: nothing is sent beside itself.
  expect(await bed.retry(waiting.id, 'WELCOME_MAIL')).toMatchObject({ __typename: 'OnboardingChanged' })
  bed.smtp.feel('LOSES_ANSWER')
  await bed.step(first!.customer, 'WELCOME_MAIL', 'DONE')
  expect(bed.smtp.mails).toHaveLength(2)
  const [lost, again] = bed.smtp.mails.map(({ headers }) => headers['message-id'])
  expect(again).toBe(lost)
  expect(await outbox(bed)).toMatchObject([{ state: 'SENT' }])

  // Refused for good: the others go on, and it can be tried again.
  bed.smtp.feel('REFUSES')
  await win(second)
  const refused = await bed.step(second!.customer, 'WELCOME_MAIL', 'FAILED', 'MAIL_REFUSED')
  const ban = (await bed.graph('query ($id: ID!) { customer(id: $id) { bans } }', { id: second!.customer }))
    .bans[0]
  await bed.makeTrunk(ban)
  await bed.ended(second!.customer, 'COMPLETED')
  bed.smtp.feel('TAKES')
  await bed.retry(refused.id, 'WELCOME_MAIL')
  await bed.step(second!.customer, 'WELCOME_MAIL', 'DONE')
  await bed.ended(second!.customer, 'COMPLETED')
  expect(bed.smtp.mails).toHaveLength(3)

  // Erased while the mail waits: it is taken out of the outbox with the person.
  bed.smtp.feel('BUSY')
  await win(third)
  await bed.step(third!.customer, 'WELCOME_MAIL', 'WAITING', 'MAIL_SENT')
  expect(JSON.stringify(await everything(bed))).not.toContain('@')
  for (const email of (await bed.people(third!.record)).keys()) await bed.graph(ERASE, { subject: { email } })
  await bed.step(third!.customer, 'WELCOME_MAIL', 'SKIPPED', 'PERSON_GONE')
  expect(await outbox(bed)).toHaveLength(2)

  // Somebody who has refused mails while it waits, at HubSpot.
  await win(fourth)
  await bed.step(fourth!.customer, 'WELCOME_MAIL', 'WAITING', 'MAIL_SENT')
  await bed.database.transaction(ORG, (tx) =>
    sql`update customers.contacts set properties = properties || '{"hs_email_optout": "true"}'`.execute(tx),
  )
  // A try that is under way has read who it is for: the server stays busy until the next one.
  await bed.step(fourth!.customer, 'WELCOME_MAIL', 'SKIPPED', 'SUPPRESSED')
  bed.smtp.feel('TAKES')
  expect(bed.smtp.mails).toHaveLength(3)
  // It waits out the pauses between tries, four times.
})

/** All that the outbox and the onboardings hold. */
const everything = (bed: OnboardingBed) =>
  bed.database.read(ORG, async (tx) => {
    const rows = []
    for (const table of ['mail_outbox', 'onboardings', 'onboarding_steps'])
      rows.push((await sql`select * from ${sql.table(`customers.${table}`)}`.execute(tx)).rows)
    return rows
  })
