import { expect, it } from 'vitest'
import { takeAccounts } from '#subgraphs/customers/commands/take-accounts.ts'
import { ORG, OTHER_ORG } from '#test/kit/customers.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { account, beginHappening } from '#test/timeline/happening.ts'
import { onboardingBed } from './bed.ts'

it('asks others for the account and then for the trunk, once each and again when somebody tries again, and takes the account as that of whom it was opened for', async () => {
  beginHappening()
  await using bed = await onboardingBed({ mail: false })
  const [deal] = await bed.deals(1)
  const { record, customer, domain } = deal!
  await bed.say(record, 'closedwon')
  const { id } = await bed.step(customer, 'BILLING_ACCOUNT', 'WAITING')
  const first = await until(async () => (await bed.asked())[0])
  expect(first).toMatchObject({
    onboardingId: id,
    customerId: customer,
    waitsFor: 'BILLING_ACCOUNT',
    domain,
    ban: null,
  })

  // News that ends no waiting asks nobody again; a person who tries again does.
  await bed.say(record, 'contractsent')
  await bed.ended(customer, 'STOPPED')
  await bed.say(record, 'closedwon')
  await bed.ended(customer, 'RUNNING')
  expect(await bed.asked()).toHaveLength(1)
  expect(await bed.retry(id, 'BILLING_ACCOUNT')).toMatchObject({ __typename: 'OnboardingChanged' })
  await until(async () => (await bed.asked()).length === 2)

  // By no domain, and of a domain that speaks for somebody else: whom it was opened for is told.
  const [other] = (await bed.deals(2)).filter((each) => each.customer !== customer)
  const events = [
    account('OPENED-1', other!.domain ?? '', { openedFor: customer }),
    account('OPENED-2', other!.domain ?? '', { openedFor: 'nobody-we-know' }),
  ]
  const take = () => bed.database.transaction(ORG, (tx) => takeAccounts(tx, ORG, events, bed.clock.now()))
  await take()
  await bed.step(customer, 'FIRST_TRUNK', 'WAITING')
  expect(await until(async () => (await bed.asked())[2])).toMatchObject({
    waitsFor: 'FIRST_TRUNK',
    ban: 'OPENED-1',
  })
  const linked = async (of: string) =>
    (
      await bed.graph(
        'query ($id: ID!) { customer(id: $id) { identityVersion: id identities { system accountId linkedBy } } }',
        { id: of },
      )
    ).identities.filter(({ system }: { system: string }) => system === 'WARP')
  expect(await linked(customer)).toEqual([{ system: 'WARP', accountId: 'OPENED-1', linkedBy: 'OPENED_FOR' }])
  // Opened for nobody whom we know: whose it is its name and domain say.
  await until(async () => (await linked(other!.customer)).length === 1)
  expect(await linked(other!.customer)).toEqual([
    { system: 'WARP', accountId: 'OPENED-2', linkedBy: 'MATCHED' },
  ])
  // Told again, and after somebody has decided otherwise: what people say holds.
  await take()
  expect(await linked(customer)).toHaveLength(1)
  const link = await bed.graph(
    `mutation ($id: ID!) { linkIdentity(customerId: $id, account: {system: WARP, accountId: "OPENED-1"}, expectedVersion: 0) {
      __typename ... on Stale { currentVersion } } }`,
    { id: other!.customer },
  )
  await bed.graph(
    `mutation ($id: ID!, $version: Int!) { linkIdentity(customerId: $id, account: {system: WARP, accountId: "OPENED-1"}, expectedVersion: $version) { __typename } }`,
    { id: other!.customer, version: link.currentVersion },
  )
  await take()
  expect(await linked(customer)).toEqual([])

  const shown = (caller = principal(ORG)) =>
    bed.graph('query ($id: ID!) { onboarding(customerId: $id) { id state } }', { id: customer }, caller)
  expect(await shown()).toMatchObject({ id, state: 'RUNNING' })
  expect(await shown(principal(OTHER_ORG))).toBeNull()
})
