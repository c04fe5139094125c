import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/customers.ts'
import { moveOnboarding } from '#subgraphs/customers/commands/advance-onboarding.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { CLEAN, checkLedger } from '#test/kit/ledger.ts'
import { silentLog } from '#test/kit/log.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type OnboardingBed, onboardingBed } from './bed.ts'

const move = (bed: OnboardingBed, id: string, fails = false) => {
  const database = openDatabase<DB>(bed.test.urls, { log: silentLog })
  const act = {
    ...{ orgId: ORG, clock: bed.clock, changeRecords, hasMailServer: true },
    jobs: { enqueue: async () => true },
  }
  return database
    .transaction(ORG, async (tx) => {
      await moveOnboarding(tx, act, id)
      if (fails) throw new Error('killed')
    })
    .finally(() => database[Symbol.asyncDispose]())
}

it('takes a customer from the deal that was won to its first trunk, each step once, whoever is killed or comes twice', async () => {
  await using bed = await onboardingBed()
  const [deal] = await bed.deals(1)
  const { record, company, customer, domain } = deal!
  const people = await bed.people(record)
  expect(await bed.setMail(1, { subject: 'Hello {{ customer }}' })).toMatchObject({
    settings: { version: 2 },
  })

  await bed.say(record, 'closedwon')
  const begun = await bed.step(customer, 'BILLING_ACCOUNT', 'WAITING')
  expect(begun).toMatchObject({ state: 'RUNNING', deal: { id: deal!.id }, customer: { id: customer } })
  expect(begun.steps.map(({ step, state }) => [step, state])).toEqual([
    ['COMPANY', 'DONE'],
    ['BILLING_ACCOUNT', 'WAITING'],
    ['ACCOUNT_IN_HUBSPOT', 'PENDING'],
    ['CUSTOMER', 'PENDING'],
    ['WELCOME_MAIL', 'PENDING'],
    ['FIRST_TRUNK', 'PENDING'],
    ['TIMELINE', 'PENDING'],
  ])
  expect(begun.steps[1]!.message).toContain('billing account')

  const ban = await bed.openAccount(domain)
  await bed.step(customer, 'FIRST_TRUNK', 'WAITING')
  await bed.step(customer, 'WELCOME_MAIL', 'DONE')
  const [mail, ...more] = bed.smtp.mails
  expect(more).toEqual([])
  expect(mail!.from).toBe('hello@tributary.example')
  expect(mail!.to.map((each) => people.has(each))).toEqual([true])
  expect(mail!.headers.subject).toBe(`Hello ${begun.customer!.name}`)
  expect(mail!.text).toContain(ban)
  expect(mail!.headers['message-id']).toMatch(/^<welcome\.[0-9a-f-]{36}@tributary\.example>$/)
  const there = async () => (await bed.records('companies')).find(({ id }) => id === company)!.properties
  await until(async () => (await there()).warp_ban === ban)
  expect(await there()).toMatchObject({ warp_status: 'active', warp_service_tier: 'growth' })

  const at = bed.clock.now()
  // Somebody is killed before the end, and two more come at once.
  await bed.database.transaction(ORG, (tx) =>
    sql`insert into customers.timeline_told (org_id, subject, id, state, observed_at, placed_as_of)
      values (${ORG}, 'TRUNK', 'trunk-1', ${JSON.stringify({ ban, status: 'ACTIVE' })}, ${at}, ${at})`.execute(
      tx,
    ),
  )
  await expect(move(bed, begun.id, true)).rejects.toThrow('killed')
  expect((await bed.onboardingOf(customer))?.state).toBe('RUNNING')
  await Promise.all([move(bed, begun.id), move(bed, begun.id), move(bed, begun.id)])
  expect(await bed.ended(customer, 'COMPLETED')).toMatchObject({ steps: Array(7).fill({ state: 'DONE' }) })
  await until(async () => (await bed.notes()).length > 0)

  // The trunk's own news, the deal won once more, and somebody who asks again change nothing.
  await bed.makeTrunk(ban)
  await bed.say(record, 'contractsent')
  await until(async () => (await bed.outgoing()).length === 0 && (await bed.waiting()).length === 0)
  await bed.say(record, 'closedwon')
  await until(async () => (await bed.waiting()).length === 0)
  expect(await bed.start(customer)).toMatchObject({ __typename: 'Invalid' })
  await move(bed, begun.id)
  expect(await bed.onboardings()).toMatchObject([{ id: begun.id, state: 'COMPLETED' }])
  const [note, ...others] = await bed.notes()
  expect(others).toEqual([])
  expect(note!.associations?.companies?.map(({ id }) => id)).toEqual([company])
  expect(note!.properties.hs_note_body).toContain(ban)
  // Told as every event of a timeline is: this portal has none for us.
  const told = await bed.graph(
    'query ($id: ID!) { customer(id: $id) { timeline(first: 20) { nodes { kind state } } } }',
    {
      id: customer,
    },
  )
  expect(told.timeline.nodes.filter(({ kind }: { kind: string }) => kind === 'onboarding_completed')).toEqual(
    [{ kind: 'onboarding_completed', state: 'NOTED' }],
  )
  expect(bed.smtp.mails).toHaveLength(1)
  // What HubSpot adds of its own is taken in.
  await bed.note('notes', [note!.id])
  // The trunk's news has come from telephony, and went out in full: beside the trunk that was noted by hand it is the second.
  await until(async () => (await there()).warp_trunk_count === '2')
  await until(async () =>
    (await bed.records('notes')).some(({ properties }) =>
      properties.hs_note_body?.startsWith('Trunk Main was set up'),
    ),
  )
  await quiet(bed)
  expect(await checkLedger(bed)).toEqual(CLEAN)

  // Nobody else sees any of it.
  const stranger = principal(OTHER_ORG)
  expect(await bed.onboardings(stranger)).toEqual([])
  expect(await bed.onboardingOf(customer, stranger)).toBeNull()
  for (const answer of [
    await bed.start(customer, stranger),
    await bed.retry(begun.id, 'TIMELINE', stranger),
    await bed.cancel(begun.id, stranger),
  ])
    expect(answer).toMatchObject({ __typename: 'Missing' })
  expect(await bed.setMail(1, { subject: 'Ours' }, stranger)).toMatchObject({ settings: { version: 2 } })
  expect(await bed.setMail(1)).toMatchObject({ __typename: 'Stale', currentVersion: 2 })
})
