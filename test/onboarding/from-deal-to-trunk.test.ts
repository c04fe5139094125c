import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { idFrom } from '#kernel/ids.ts'
import { SCHEMA } from '#service/job-schema.ts'
import { STEP_NAMES } from '#subgraphs/customers/domain/onboarding.ts'
import type { Dump } from '#test/assets/bed.ts'
import { ORG } from '#test/kit/customers.ts'
import { quiet } from '#test/kit/engine.ts'
import { until } from '#test/kit/until.ts'
import { ownKinds } from '#test/provisioning/provisioning-bed.ts'
import { onboardingBed } from './bed.ts'

it('brings customers from the deal that was won to account, trunk and what HubSpot shows of both, killed at each step in turn, with nothing double', async () => {
  await using bed = await onboardingBed({ provides: true, companies: 120 })
  await bed.setMail(1)
  const deals = await bed.deals(STEP_NAMES.length)
  const alter = (text: string) => session(bed.test.adminUrl, (client) => client.query(text))
  // Whoever moves an onboarding is killed before he can note what one step has come to: at another step for each of them.
  const kills = deals.map(({ id }, n) => {
    const onboarding = idFrom(ORG, 'onboarding', id)
    return `(onboarding_id <> '${onboarding}' or step <> '${STEP_NAMES[n]}' or state <> 'DONE')`
  })
  await alter(
    `alter table customers.onboarding_steps add constraint killed check (${kills.join(' and ')}) not valid`,
  )
  for (const { record } of deals) await bed.say(record, 'closedwon')
  // Each has died at its step, and was tried again in vain.
  await until(async () => {
    const { rows } = await session(bed.test.adminUrl, (client) =>
      client.query(`select distinct data ->> 'onboardingId' as id from ${SCHEMA}.job
        where name = 'advance-onboarding' and retry_count > 0 and data ->> 'onboardingId' is not null`),
    )
    if (rows.length < deals.length) throw new Error(`only ${rows.length} have`)
    return true
  })
  await alter('alter table customers.onboarding_steps drop constraint killed')
  // Who died first may have come to long rests between his tries.
  await alter(
    `update ${SCHEMA}.job set start_after = now() where name = 'advance-onboarding' and state = 'retry'`,
  )
  for (const { customer } of deals) {
    const shown = await bed.onboardingOf(customer)
    const left = shown?.steps.find(({ state }) => state === 'WAITING')
    if (shown && left) await bed.retry(shown.id, left.step)
  }
  const ended = await Promise.all(deals.map(({ customer }) => bed.ended(customer, 'COMPLETED')))
  expect(ended.flatMap(({ steps }) => steps.map(({ state }) => state))).toEqual(Array(49).fill('DONE'))
  await until(async () => (await bed.outgoing()).length === 0)

  const { rows: accounts } = await bed.telephonyBase.database.read(ORG, (tx) =>
    sql<{ ban: string; opened_for: string; trunks: string[] }>`
      select a.ban, a.opened_for, array(select t.id::text from telephony.trunks t where t.ban = a.ban) as trunks
      from telephony.billing_accounts a`.execute(tx as never),
  )
  expect(accounts.map((account) => account.opened_for).sort()).toEqual(
    deals.map(({ customer }) => customer).sort(),
  )
  expect(accounts.map(({ trunks }) => trunks.length)).toEqual(deals.map(() => 1))
  const trunkType = (await ownKinds(bed)).find(({ name }) => name === 'trunk')!.objectTypeId
  const there = async () =>
    (
      await bed.sim<{ results: Dump[] }>(`records/${trunkType}?limit=1000&associations=companies`)
    ).results.filter(({ archived }) => !archived)
  // A trunk's news is told at three places, each by a lane of its own.
  const told = async () => ({
    trunks: (await there()).length,
    companies: (await bed.records('companies')).filter(
      ({ properties }) => properties.warp_trunk_count === '1',
    ).length,
    notes: (await bed.records('notes')).filter(({ properties }) =>
      properties.hs_note_body?.startsWith('Trunk Main was set up'),
    ).length,
  })
  await until(async () => Object.values(await told()).every((count) => count >= deals.length))
  await quiet(bed)
  const [companies, trunks, notes] = [
    await bed.records('companies'),
    await there(),
    await bed.records('notes', '&associations=companies'),
  ]
  for (const { company, customer } of deals) {
    const { ban, trunks: own } = accounts.find((account) => account.opened_for === customer)!
    expect(companies.find(({ id }) => id === company)?.properties).toMatchObject({
      ...{ warp_ban: ban, warp_status: 'active', warp_service_tier: 'starter', warp_trunk_count: '1' },
    })
    const [trunk, ...others] = trunks.filter(({ associations }) =>
      associations.companies?.some(({ id }) => id === company),
    )
    expect([trunk?.properties.trunk_id, others]).toEqual([own[0], []])
    const noted = notes.flatMap(({ associations, properties }) =>
      associations?.companies?.some(({ id }) => id === company) && properties.hub_external_key
        ? [properties.hs_note_body?.split('<br>')[0]]
        : [],
    )
    expect(noted.sort()).toEqual([
      `Onboarding is complete: billing account ${ban}, first trunk ${own[0]}`,
      'Trunk Main was set up',
      `WARP account ${ban} was opened`,
    ])
  }
  expect(new Set(bed.smtp.mails.map(({ headers }) => headers['message-id'])).size).toBe(deals.length)
  expect(bed.smtp.mails).toHaveLength(deals.length)
})
