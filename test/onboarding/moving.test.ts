import { sql } from 'kysely'
import { expect, it } from 'vitest'
import {
  type Facts,
  isThrough,
  nextMove,
  STEP_NAMES,
  type Step,
  stopOf,
} from '#subgraphs/customers/domain/onboarding.ts'
import { fillMail, mailFault } from '#subgraphs/customers/domain/welcome-mail.ts'
import { ORG } from '#test/kit/customers.ts'
import { hasHeardItself } from '#test/kit/own-news.ts'
import { until } from '#test/kit/until.ts'
import { type OnboardingBed, onboardingBed } from './bed.ts'

/** How an account stands, as customers has heard last. */
const stateOfAccount = async ({ database }: OnboardingBed, ban: string) => {
  const { rows } = await database.read(ORG, (tx) =>
    sql<{ status: string }>`
      select state ->> 'status' as status from customers.timeline_told where subject = 'ACCOUNT' and id = ${ban}`.execute(
      tx,
    ),
  )
  return rows[0]?.status
}

it('begins by deals unless somebody has decided otherwise, stops with the deal, and is begun, ended and retried by hand', async () => {
  await using bed = await onboardingBed({ mail: false })
  const [first, second] = await bed.deals(2)
  expect(await bed.setAuto(1, false)).toMatchObject({ settings: { version: 2, startsByItself: false } })
  await bed.say(first!.record, 'closedwon')
  // Until it was heard of, and nothing came of it.
  await until(() => hasHeardItself(bed.database, 'customers.deal.won'))
  expect(await bed.setAuto(2, true)).toMatchObject({ settings: { version: 3 } })

  // Switched on again, the next deal begins one, and one that is reopened stops it until it is won again.
  await bed.say(second!.record, 'closedwon')
  const begun = await bed.step(second!.customer, 'BILLING_ACCOUNT', 'WAITING')
  await bed.say(second!.record, 'contractsent')
  const stopped = await bed.ended(second!.customer, 'STOPPED')
  expect(stopped.stoppedBecause).toContain('no longer won')
  expect(await bed.start(second!.customer)).toMatchObject({ __typename: 'Invalid' })
  expect(await bed.retry(begun.id, 'BILLING_ACCOUNT')).toMatchObject({ __typename: 'Invalid' })
  await bed.say(second!.record, 'closedwon')
  await bed.ended(second!.customer, 'RUNNING')

  // The first, whose deal began nothing, by hand: no mails are sent without a server, and the rest goes on.
  expect(await bed.onboardingOf(first!.customer)).toBeNull()
  const [one, other] = await Promise.all([bed.start(first!.customer), bed.start(first!.customer)])
  expect([one.__typename, other.__typename].sort()).toEqual(['Invalid', 'OnboardingChanged'])
  const ban = await bed.openAccount(first!.domain)
  const skipped = await bed.step(first!.customer, 'WELCOME_MAIL', 'SKIPPED', 'MAIL_OFF')
  await bed.setMail(3)
  expect(await bed.retry(skipped.id, 'WELCOME_MAIL')).toMatchObject({ __typename: 'OnboardingChanged' })
  await bed.step(first!.customer, 'WELCOME_MAIL', 'SKIPPED', 'NO_MAIL_SERVER')
  expect(await bed.retry(skipped.id, 'TIMELINE')).toMatchObject({ __typename: 'Invalid' })
  expect(await bed.cancel(skipped.id)).toMatchObject({ onboarding: { state: 'CANCELLED' } })
  expect(await bed.cancel(skipped.id)).toMatchObject({ __typename: 'Invalid' })
  await bed.makeTrunk(ban)
  expect(await bed.start(first!.customer)).toMatchObject({ onboarding: { id: skipped.id } })
  expect(await bed.ended(first!.customer, 'COMPLETED')).toMatchObject({ deal: null })

  // It leaves, and comes back with another deal: a new account is opened, and its trunk is asked for as soon as nothing stands in the way.
  expect(await bed.start(first!.customer)).toMatchObject({ __typename: 'Invalid' })
  await bed.moveAccount('close', ban)
  await until(async () => (await stateOfAccount(bed, ban)) === 'CHURNED')
  await bed.say(first!.record, 'contractsent')
  await until(async () => (await bed.waiting()).length === 0)
  await bed.say(first!.record, 'closedwon')
  const back = await bed.step(first!.customer, 'BILLING_ACCOUNT', 'WAITING')
  expect([back.id === skipped.id, back.deal]).toEqual([false, { id: first!.id }])
  const anew = await bed.openAccount(first!.domain)
  await bed.step(first!.customer, 'FIRST_TRUNK', 'WAITING', 'FIRST_TRUNK')
  await bed.moveAccount('suspend', anew)
  await bed.step(first!.customer, 'FIRST_TRUNK', 'WAITING', 'ACCOUNT_SUSPENDED')
  await bed.moveAccount('reactivate', anew)
  await bed.step(first!.customer, 'FIRST_TRUNK', 'WAITING', 'FIRST_TRUNK')
  const asked = (await bed.asked()).filter(({ onboardingId }) => onboardingId === back.id)
  expect(asked.map(({ waitsFor, ban: of }) => [waitsFor, of])).toEqual([
    ['BILLING_ACCOUNT', null],
    ['FIRST_TRUNK', anew],
    ['FIRST_TRUNK', anew],
  ])
  await bed.makeTrunk(anew)
  await bed.ended(first!.customer, 'COMPLETED')

  // A customer that HubSpot does not know gets a company there, and stays one customer.
  await bed.openAccount('quite-new.example.org')
  const stranger = await until(async () => {
    const { nodes } = await bed.graph('{ customers(filter: { text: "quite-new" }) { nodes { id } } }')
    return nodes[0]?.id as string | undefined
  })
  await bed.start(stranger)
  await bed.step(stranger, 'COMPANY', 'DONE')
  await bed.step(stranger, 'FIRST_TRUNK', 'WAITING')
  await until(async () => (await bed.outgoing()).length === 0)
  const made = (await bed.records('companies')).filter(
    ({ properties }) => properties.domain === 'example.org',
  )
  expect(made).toHaveLength(1)

  const preview = (subject: string) =>
    bed.graph(
      'query ($subject: String) { previewWelcomeMail(subject: $subject, body: "{{firstName}}: {{billingAccount}}") { __typename ... on WelcomeMailPreview { subject body } ... on Invalid { field message } } }',
      { subject },
    )
  expect(await preview('Hello {{customer}}')).toMatchObject({
    subject: 'Hello Example Inc.',
    body: 'there: BAN-000000',
  })
  expect(await preview('{{password}}')).toMatchObject({ __typename: 'Invalid', field: 'subject' })
  const { rows } = await bed.database.read(ORG, (tx) =>
    sql<{
      action: string
    }>`select distinct action from service.audit_log where action ~ 'nboarding|WelcomeMail' order by 1`.execute(
      tx,
    ),
  )
  expect(rows.map(({ action }) => action)).toEqual([
    'cancelOnboarding',
    'retryOnboardingStep',
    'setAutoOnboarding',
    'setWelcomeMail',
    'startOnboarding',
  ])
})

const FACTS: Facts = {
  deal: { isWon: true, isGone: false },
  customer: { id: 'c', name: 'C', domain: 'c.example' },
  portal: { goesOut: true, isProvisioned: true },
  company: { id: 'co', externalId: '1' },
  namesakes: 1,
  account: { ban: 'b', status: null, tier: null, trunkId: null },
  mailIsOn: true,
  hasMailServer: true,
  recipientId: 'p',
  mail: null,
}
const steps = (done: Partial<Record<string, Step['state']>>): Step[] =>
  STEP_NAMES.map((step) => ({ step, state: done[step] ?? 'PENDING', code: null }))

it('judges steps by what is known, in their order', () => {
  const begun = { COMPANY: 'DONE', BILLING_ACCOUNT: 'DONE' } as const
  const all = { ...begun, ACCOUNT_IN_HUBSPOT: 'DONE', CUSTOMER: 'DONE' } as const
  const judge = (done: Parameters<typeof steps>[0], facts: Partial<Facts> = {}) => {
    const move = nextMove(steps(done), { ...FACTS, ...facts })
    return (
      move && [
        move.step,
        'deed' in move.verdict ? move.verdict.deed : (move.verdict.code ?? move.verdict.state),
      ]
    )
  }
  expect(judge({})).toEqual(['COMPANY', 'DONE'])
  expect(judge({}, { customer: null })).toEqual(['COMPANY', 'COMPANY_OF_DEAL'])
  expect(judge({}, { company: null, namesakes: 0 })).toEqual(['COMPANY', 'MAKE_COMPANY'])
  expect(judge({}, { company: null, namesakes: 2 })).toEqual(['COMPANY', 'COMPANY_LINK'])
  expect(judge({}, { company: null, portal: null })).toEqual(['COMPANY', 'NO_PORTAL'])
  expect(judge({ COMPANY: 'DONE' }, { account: null })).toEqual(['BILLING_ACCOUNT', 'BILLING_ACCOUNT'])
  expect(judge(begun, { portal: { goesOut: false, isProvisioned: true } })).toEqual([
    'ACCOUNT_IN_HUBSPOT',
    'NOT_WRITTEN_TO',
  ])
  expect(judge(all)).toEqual(['WELCOME_MAIL', 'QUEUE_MAIL'])
  expect(judge(all, { recipientId: null })).toEqual(['WELCOME_MAIL', 'NO_RECIPIENT'])
  // A mail that failed keeps nobody waiting; one that is on its way does, but not the trunk.
  expect(judge({ ...all, WELCOME_MAIL: 'FAILED', FIRST_TRUNK: 'DONE' })).toEqual(['TIMELINE', 'WRITE_NOTE'])
  const mailing = { mail: { state: 'QUEUED', code: null } } as const
  expect(judge({ ...all, WELCOME_MAIL: 'WAITING' }, mailing)).toEqual(['WELCOME_MAIL', 'MAIL_SENT'])
  expect(isThrough(steps({ ...all, WELCOME_MAIL: 'FAILED', FIRST_TRUNK: 'DONE', TIMELINE: 'SKIPPED' }))).toBe(
    true,
  )
  expect(isThrough(steps({ ...all, WELCOME_MAIL: 'DONE', FIRST_TRUNK: 'FAILED', TIMELINE: 'DONE' }))).toBe(
    false,
  )
  expect(stopOf({ deal: { isWon: false, isGone: true } })).toBe('DEAL_DELETED')

  // What stands for a placeholder is never read as one, and a subject stays one line.
  const facts = { customer: 'A{{firstName}}\r\nBcc: x@y.example', firstName: 'Ann', billingAccount: null }
  expect(fillMail({ subject: '{{customer}}', body: '{{ firstName }}' }, facts)).toEqual({
    subject: 'A{{firstName}} Bcc: x@y.example',
    body: 'Ann',
  })
  expect(mailFault({ subject: 'one\ntwo', body: 'x' })).toMatchObject({ field: 'subject' })
})
