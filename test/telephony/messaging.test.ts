import { afterAll, beforeAll, expect, it } from 'vitest'
import { lockAccount } from '#subgraphs/telephony/store/accounts.ts'
import { endMessaging } from '#subgraphs/telephony/store/messaging.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { type TelephonyBed, telephonyBed } from './bed.ts'

let bed: TelephonyBed
/** A registered brand of the first account. */
let brandId: string
beforeAll(async () => {
  bed = await telephonyBed()
  brandId = (await register('A-1')).brand.id
  await decideBrand(brandId, { decision: 'REGISTERED', tcrBrandId: 'BABC123' })
}, 60_000)
afterAll(() => bed?.[Symbol.asyncDispose]())

const BRAND = {
  displayName: 'Harbor Dental',
  kind: 'PRIVATE_PROFIT',
  vertical: 'HEALTHCARE',
  website: 'https://harbor.example',
}
const WORDS = {
  useCase: 'CUSTOMER_CARE',
  description: 'Reminds patients of the appointments that they have made with us.',
  sampleMessages: ['Your appointment is on Monday at 9. Reply STOP to opt out.'],
}
const REFUSED = '... on Refusal { code message } ... on Invalid { field }'
const BRAND_ANSWER = `__typename ... on BrandChanged { brand { id displayName status tcrBrandId reason account { ban } } } ${REFUSED}`
const ANSWER = `__typename ... on CampaignChanged { campaign { id status tcrCampaignId reason brand { id } account { ban } numbers { id } } } ${REFUSED}`
const register = (ban: string, more: object = {}, asking: object = {}) =>
  bed.ask(
    `mutation ($ban: ID!, $input: MessagingBrandInput!) { registerBrand(ban: $ban, input: $input) { ${BRAND_ANSWER} } }`,
    { ban, input: { ...BRAND, ...more } },
    asking,
  )
const decideBrand = (id: string, said: object, asking: object = {}) =>
  bed.ask(
    `mutation ($id: ID!, $decision: BrandDecision!, $tcrBrandId: String, $reason: String) {
      decideBrand(id: $id, decision: $decision, tcrBrandId: $tcrBrandId, reason: $reason) { ${BRAND_ANSWER} } }`,
    { id, ...said },
    asking,
  )
const campaign = (of: string, more: object = {}, asking: object = {}) =>
  bed.ask(
    `mutation ($brandId: ID!, $input: MessagingCampaignInput!) { registerCampaign(brandId: $brandId, input: $input) { ${ANSWER} } }`,
    { brandId: of, input: { ...WORDS, ...more } },
    asking,
  )
const setNumbers = (id: string, numberIds: string[], asking: object = {}) =>
  bed.ask(
    `mutation ($id: ID!, $numberIds: [ID!]!) { setCampaignNumbers(id: $id, numberIds: $numberIds) { ${ANSWER} } }`,
    { id, numberIds },
    asking,
  )
const decide = (id: string, said: object, asking: object = {}) =>
  bed.ask(
    `mutation ($id: ID!, $decision: CampaignDecision!, $tcrCampaignId: String, $reason: String) {
      decideCampaign(id: $id, decision: $decision, tcrCampaignId: $tcrCampaignId, reason: $reason) { ${ANSWER} } }`,
    { id, ...said },
    asking,
  )
/** Who waits for another. */
const WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
const campaignOf = async (id: string) => {
  const [number] = await bed.ask(
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on PhoneNumber { campaign { id } } } }',
    { of: [{ __typename: 'PhoneNumber', id }] },
  )
  return number.campaign?.id ?? null
}

it('registers who sends messages: one brand for an account at a time, and anew when the registry refused it', async () => {
  const { brand } = await register('A-2')
  expect(brand).toMatchObject({ status: 'PENDING', tcrBrandId: null, account: { ban: 'A-2' } })
  expect(await register('A-2')).toMatchObject({ code: 'HAS_BRAND' })
  expect(await decideBrand(brand.id, { decision: 'REJECTED' })).toMatchObject({ field: 'reason' })
  const refused = { decision: 'REJECTED', reason: 'The name is not that of the company.' }
  expect((await decideBrand(brand.id, refused)).brand).toMatchObject({
    status: 'REJECTED',
    reason: refused.reason,
  })
  expect((await decideBrand(brand.id, refused)).brand).toMatchObject({ status: 'REJECTED' })
  const again = (await register('A-2', { displayName: 'Alder Group' })).brand
  expect(await decideBrand(again.id, { decision: 'REGISTERED' })).toMatchObject({ field: 'tcrBrandId' })
  expect(await decideBrand(again.id, { decision: 'REGISTERED', tcrBrandId: 'BABC123' })).toMatchObject({
    ...{ code: 'TCR_ID_IN_USE', field: 'tcrBrandId' },
  })
  const known = { decision: 'REGISTERED', tcrBrandId: 'BALDER1' }
  expect((await decideBrand(again.id, known)).brand).toMatchObject({
    status: 'REGISTERED',
    tcrBrandId: 'BALDER1',
  })
  expect(await decideBrand(again.id, refused)).toMatchObject({ code: 'DECIDED_ALREADY' })
  const account = '{ billingAccount(ban: "A-2") { brand { id tcrBrandId } } }'
  expect(await bed.ask(account)).toEqual({ brand: { id: again.id, tcrBrandId: 'BALDER1' } })
  const told = (await bed.told('telephony.brand.changed')).filter(({ ban }) => ban === 'A-2')
  expect(told.map(({ status, tcrBrandId }) => [status, tcrBrandId])).toEqual([
    ...[
      ['PENDING', null],
      ['REJECTED', null],
      ['PENDING', null],
      ['REGISTERED', 'BALDER1'],
    ],
  ])
  expect(JSON.stringify(told)).not.toContain('Alder')
  expect((await bed.audits(again.id))[0]?.diff).toMatchObject({ displayName: [null, '[name]'] })
})

it('registers one brand when many ask for it at once in two processes', async () => {
  await bed.ask('mutation { createBillingAccount(input: { ban: "A-3", name: "Third" }) { __typename } }')
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => register('A-3', {}, { process: n % 2 })),
  )
  expect(answers.filter(({ brand }) => brand)).toHaveLength(1)
  expect(answers.filter(({ code }) => code === 'HAS_BRAND')).toHaveLength(5)
  const [pending] = answers.flatMap(({ brand }) => brand ?? [])
  expect(await campaign(pending.id)).toMatchObject({ code: 'BRAND_NOT_REGISTERED', field: 'brandId' })
})

it('registers a campaign with its numbers, takes the registry’s answer once, and tells each step', async () => {
  const [one, two] = [await bed.give('+13035554001'), await bed.give('+13035554002')]
  const made = (await campaign(brandId, { numberIds: [one] })).campaign
  expect(made).toMatchObject({
    status: 'PENDING',
    brand: { id: brandId },
    account: { ban: 'A-1' },
    numbers: [{ id: one }],
  })
  const known = { decision: 'REGISTERED', tcrCampaignId: 'CABC1' }
  expect(await decide(made.id, { decision: 'EXPIRED' })).toMatchObject({ code: 'DECIDED_ALREADY' })
  for (let times = 0; times < 2; times++)
    expect((await decide(made.id, known)).campaign).toMatchObject({
      status: 'REGISTERED',
      tcrCampaignId: 'CABC1',
    })
  expect((await setNumbers(made.id, [two, one])).campaign.numbers).toEqual([{ id: one }, { id: two }])
  expect(await campaignOf(two)).toBe(made.id)
  expect((await setNumbers(made.id, [two])).campaign.numbers).toEqual([{ id: two }])
  expect(await campaignOf(one)).toBeNull()
  // One that is over lets its numbers go.
  expect((await decide(made.id, { decision: 'EXPIRED' })).campaign).toMatchObject({
    status: 'EXPIRED',
    numbers: [],
  })
  expect(await campaignOf(two)).toBeNull()
  expect(await setNumbers(made.id, [one])).toMatchObject({ code: 'CAMPAIGN_OVER' })
  expect(await decide(made.id, known)).toMatchObject({ code: 'DECIDED_ALREADY' })
  const told = (await bed.told('telephony.campaign.changed')).filter(
    ({ campaignId }) => campaignId === made.id,
  )
  expect(told.map(({ status, tcrCampaignId }) => [status, tcrCampaignId])).toEqual([
    ...[
      ['PENDING', null],
      ['REGISTERED', 'CABC1'],
      ['EXPIRED', 'CABC1'],
    ],
  ])
  expect((await bed.audits(made.id)).map(({ action }) => action)).toEqual([
    ...['registerCampaign', 'decideCampaign', 'setCampaignNumbers', 'setCampaignNumbers', 'decideCampaign'],
  ])
})

it('lets a number send for one campaign, and only one that can: in use, of a town, of the account, able to send', async () => {
  const mine = await bed.give('+13035554010')
  const first = (await campaign(brandId, { numberIds: [mine] })).campaign
  const other = (await campaign(brandId)).campaign
  expect(await setNumbers(other.id, [mine])).toMatchObject({ code: 'IN_CAMPAIGN', field: 'numberIds.0' })
  expect(await setNumbers(first.id, [mine])).toMatchObject({ __typename: 'CampaignChanged' })
  const buy = `mutation { createPhoneNumber(ban: "A-2", input: { number: "+13035554011", capabilities: [SMS] }) { ... on PhoneNumberCreated { phoneNumber { id } } } }`
  const others = (await bed.ask(buy)).phoneNumber.id
  const wrong: [string, string][] = [
    [others, 'no number of this account'],
    ['no id', 'no number of this account'],
    [await bed.give('+13035554012', { capabilities: ['VOICE'] }), 'cannot send messages'],
    [await bed.give('+18885554013', { type: 'TOLLFREE' }), 'no ordinary number'],
  ]
  for (const [id, says] of wrong) {
    const refused = await setNumbers(other.id, [id])
    expect(refused).toMatchObject({ code: 'NUMBER_CANNOT_SEND', field: 'numberIds.0' })
    expect(refused.message.replace('not an', 'no')).toContain(says)
  }
  expect(await setNumbers(other.id, [others, others])).toMatchObject({ field: 'numberIds' })
  const change = `mutation ($id: ID!) { changeNumber(id: $id, changes: { capabilities: [VOICE] }) { ... on Refusal { code } } }`
  expect(await bed.ask(change, { id: mine })).toEqual({ code: 'IN_CAMPAIGN' })
  await bed.ask('mutation ($id: ID!) { releaseNumber(id: $id) { __typename } }', { id: mine })
  expect(await campaignOf(mine)).toBeNull()
  expect((await setNumbers(first.id, [])).campaign.numbers).toEqual([])
})

it('gives a number that two campaigns want at once, in two processes, to one of them', async () => {
  const id = await bed.give('+13035554020')
  const two = [(await campaign(brandId)).campaign.id, (await campaign(brandId)).campaign.id]
  const answers = await Promise.all(two.map((each, process) => setNumbers(each, [id], { process })))
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['CampaignChanged', 'Invalid'])
  expect(two).toContain(await campaignOf(id))
})

it('refuses what the registry would refuse, and names the field', async () => {
  const brands: [object, string][] = [
    [{ displayName: ' ' }, 'displayName'],
    [{ displayName: 'a\0b' }, 'displayName'],
    [{ website: 'harbor.example' }, 'website'],
    [{ website: `javascript:alert(1)` }, 'website'],
  ]
  for (const [more, field] of brands)
    expect(await register('A-1', more)).toMatchObject({ field: `input.${field}` })
  const campaigns: [object, string][] = [
    [{ description: 'Too short.' }, 'description'],
    [{ sampleMessages: [] }, 'sampleMessages'],
    [{ sampleMessages: Array(6).fill(WORDS.sampleMessages[0]) }, 'sampleMessages'],
    [{ sampleMessages: [WORDS.sampleMessages[0], 'Short.'] }, 'sampleMessages.1'],
  ]
  for (const [more, field] of campaigns)
    expect(await campaign(brandId, more)).toMatchObject({ field: `input.${field}` })
  expect(await register('A-9')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await campaign('no id')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await decideBrand('no id', { decision: 'REGISTERED', tcrBrandId: 'B1' })).toMatchObject({
    code: 'NOT_FOUND',
  })
})

it('lists campaigns by account, brand and state, and shows another organisation none of them', async () => {
  const list = `query ($filter: CampaignFilter, $first: Int! = 50, $after: Cursor) { campaigns(filter: $filter, first: $first, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } totalCount } }`
  const all = await bed.ask(list)
  const first = await bed.ask(list, { first: 2 })
  const next = await bed.ask(list, { first: 2, after: first.pageInfo.endCursor })
  expect([...first.nodes, ...next.nodes]).toEqual(all.nodes.slice(0, 4))
  const count = async (filter: object) => (await bed.ask(list, { filter })).totalCount
  expect(await count({ ban: 'A-1', brandId })).toBe(all.totalCount)
  expect(await count({ statuses: ['EXPIRED'] })).toBe(1)
  expect([await count({ ban: 'A-2' }), await count({ brandId: 'no id' })]).toEqual([0, 0])
  const [{ id }] = all.nodes
  const asking = { caller: principal(EMPTY) }
  expect(await bed.ask(list, {}, asking)).toMatchObject({ totalCount: 0 })
  expect(await bed.ask(`{ campaign(id: "${id}") { id } }`, {}, asking)).toBeNull()
  const known = { decision: 'REGISTERED', tcrCampaignId: 'CTHEIRS' }
  for (const refused of [
    await decide(id, known, asking),
    await setNumbers(id, [], asking),
    await campaign(brandId, {}, asking),
    await decideBrand(brandId, { decision: 'REJECTED', reason: 'Theirs.' }, asking),
  ])
    expect(refused).toMatchObject({ code: 'NOT_FOUND' })
})

it('ends brand and campaigns with their account, tells each once, and registers nothing for it any more', async () => {
  await bed.ask('mutation { createBillingAccount(input: { ban: "A-4", name: "Leaving" }) { __typename } }')
  const { brand } = await register('A-4')
  const known = { decision: 'REGISTERED', tcrBrandId: 'BLEFT1' }
  await decideBrand(brand.id, known)
  const buy = `mutation { createPhoneNumber(ban: "A-4", input: { number: "+13035554030", capabilities: [SMS] }) { ... on PhoneNumberCreated { phoneNumber { id } } } }`
  const { id } = (await bed.ask(buy)).phoneNumber
  // A number on its way to another carrier still sends.
  const running = (await campaign(brand.id, { numberIds: [id] })).campaign
  await bed.ask(
    'mutation ($id: ID!) { orderPortOut(ban: "A-4", input: { carrier: "C", numberIds: [$id] }) { __typename } }',
    { id },
  )
  const pending = (await campaign(brand.id)).campaign
  const refused = (await campaign(brand.id)).campaign
  await decide(running.id, { decision: 'REGISTERED', tcrCampaignId: 'CLEFT1' })
  await decide(refused.id, { decision: 'REJECTED', reason: 'Too vague.' })
  await bed.ask('mutation { closeBillingAccount(ban: "A-4") { __typename } }')
  const of =
    '{ billingAccount(ban: "A-4") { brand { status } campaigns { nodes { id status numbers { id } } } } }'
  expect(await bed.ask(of)).toEqual({
    brand: { status: 'EXPIRED' },
    campaigns: {
      nodes: [
        { id: refused.id, status: 'REJECTED', numbers: [] },
        { id: pending.id, status: 'EXPIRED', numbers: [] },
        { id: running.id, status: 'EXPIRED', numbers: [] },
      ],
    },
  })
  const last = async (name: string) =>
    (await bed.told(name)).filter(({ ban, status }) => ban === 'A-4' && status === 'EXPIRED')
  expect(await last('telephony.brand.changed')).toMatchObject([{ tcrBrandId: 'BLEFT1' }])
  expect(new Set((await last('telephony.campaign.changed')).map((told) => told.campaignId))).toEqual(
    new Set([running.id, pending.id]),
  )
  expect((await bed.audits(brand.id)).at(-1)).toMatchObject({
    action: 'closeBillingAccount',
    diff: { status: ['REGISTERED', 'EXPIRED'] },
  })
  expect(await register('A-4')).toMatchObject({ code: 'ACCOUNT_OVER', field: 'ban' })
  expect(await campaign(brand.id)).toMatchObject({ code: 'ACCOUNT_OVER', field: 'brandId' })
  expect(await setNumbers(running.id, [])).toMatchObject({ code: 'CAMPAIGN_OVER' })
  expect(await decide(pending.id, { decision: 'REGISTERED', tcrCampaignId: 'CLEFT2' })).toMatchObject({
    code: 'DECIDED_ALREADY',
  })
  expect(await decideBrand(brand.id, { decision: 'REJECTED', reason: 'Late.' })).toMatchObject({
    code: 'DECIDED_ALREADY',
  })
  // Whoever comes back has the same id at the registry.
  await bed.ask('mutation { createBillingAccount(input: { ban: "A-5", name: "Back" }) { __typename } }')
  expect((await decideBrand((await register('A-5')).brand.id, known)).brand).toMatchObject({
    status: 'REGISTERED',
  })
})

it('takes no answer of the registry about a brand whose account is closed at that moment', async () => {
  await bed.ask('mutation { createBillingAccount(input: { ban: "A-6", name: "Closing" }) { __typename } }')
  const { brand } = await register('A-6')
  const closing = await bed.database.transaction(DEMO, async (tx) => {
    await lockAccount(tx, DEMO, 'A-6')
    const answer = decideBrand(brand.id, { decision: 'REGISTERED', tcrBrandId: 'BLATE1' })
    await until(async () => (await bed.rows(WAITING)).length > 0)
    await endMessaging(tx, DEMO, { brandIds: [brand.id], campaignIds: [] }, bed.clock.now())
    return { answer }
  })
  expect(await closing.answer).toMatchObject({ code: 'DECIDED_ALREADY' })
})
