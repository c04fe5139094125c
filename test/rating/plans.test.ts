import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { rater, sumOf } from '#subgraphs/telephony/domain/rating.ts'
import { EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { flat, PLAIN, type RatingBed, ratingBed, termsSent } from './bed.ts'

let bed: RatingBed
beforeAll(async () => {
  bed = await ratingBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const ANSWER = `__typename ... on RatePlanChanged { plan { id name version isRetired currency terms { monthlyFee { amount } includedMinutes } } }
  ... on Refusal { code }`
const create = (name: string, terms: object, currency = 'USD') =>
  bed.ask(
    `mutation ($name: String!, $currency: String!, $terms: RatePlanTermsInput!) {
      createRatePlan(name: $name, currency: $currency, terms: $terms) { ${ANSWER} ... on Invalid { field } } }`,
    { name, currency, terms },
  )
const change = (id: string, terms: object, expectedVersion?: number, caller = principal()) =>
  bed.ask(
    `mutation ($id: ID!, $terms: RatePlanTermsInput!, $expectedVersion: Int) {
      changeRatePlan(id: $id, terms: $terms, expectedVersion: $expectedVersion) { ${ANSWER} } }`,
    { id, terms, ...(expectedVersion === undefined ? {} : { expectedVersion }) },
    caller,
  )
const retire = (id: string) =>
  bed.ask(`mutation ($id: ID!) { retireRatePlan(id: $id) { ${ANSWER} } }`, { id })
const SENT = termsSent(PLAIN)
const stepped = (steps: object[]) => [{ class: 'LOCAL', steps }, ...flat('1').slice(1)]

describe('a rate plan', () => {
  it('is refused where it is unsound, with the field that is wrong', async () => {
    const cases: [string, object][] = [
      ['terms.monthlyFee', { monthlyFee: '-1' }],
      ['terms.monthlyFee', { monthlyFee: '1.00001' }],
      ['terms.includedMinutes', { includedMinutes: -1 }],
      ['terms.includedClasses', { includedMinutes: 10 }],
      ['terms.includedClasses', { includedClasses: ['LOCAL', 'LOCAL'] }],
      ['terms.minutePrices', { minutePrices: flat('1').slice(1) }],
      ['terms.messagePrices.4.class', { messagePrices: [...flat('1'), flat('1')[0]] }],
      ['terms.minutePrices.0.steps', { minutePrices: stepped([]) }],
      ['terms.minutePrices.0.steps.0.price', { minutePrices: stepped([{ price: '0.0000001' }]) }],
      ['terms.minutePrices.0.steps.0.price', { minutePrices: stepped([{ price: '-0.01' }]) }],
      ['terms.minutePrices.0.steps.0.upTo', { minutePrices: stepped([{ upTo: 5, price: '1' }]) }],
      ['terms.minutePrices.0.steps.0.upTo', { minutePrices: stepped([{ price: '1' }, { price: '1' }]) }],
      [
        'terms.minutePrices.0.steps.1.upTo',
        { minutePrices: stepped([{ upTo: 5, price: '1' }, { upTo: 5, price: '1' }, { price: '1' }]) },
      ],
      [
        'terms.numberPrices.1.type',
        {
          numberPrices: [
            { type: 'LOCAL', price: '1' },
            { type: 'LOCAL', price: '2' },
          ],
        },
      ],
      ['terms.numberPrices.0.price', { numberPrices: [{ type: 'LOCAL', price: '0.00001' }] }],
    ]
    for (const [field, wrong] of cases)
      expect([wrong, await create('Unsound', { ...SENT, ...wrong })]).toEqual([
        wrong,
        { __typename: 'Invalid', code: 'INVALID', field },
      ])
    expect(await create(' ', SENT)).toMatchObject({ field: 'name' })
    expect(await create('Coins', SENT, 'coins')).toMatchObject({ field: 'currency' })
  })

  it('gets a new version by a change, and keeps the ones before as they were; two callers at once make one each', async () => {
    const { plan } = await create('Changing', SENT)
    expect(plan).toMatchObject({ version: 1, currency: 'USD', terms: { monthlyFee: { amount: '20' } } })
    expect(await create('Changing', SENT)).toMatchObject({ code: 'NAME_TAKEN' })
    // Saying the same again is no change.
    expect((await change(plan.id, SENT)).plan.version).toBe(1)
    const both = await session(bed.test.adminUrl, async (client) => {
      // Neither goes on before both have come to the plan.
      await client.query('begin; lock table telephony.rate_plans in exclusive mode')
      const changes = ['25', '30'].map((monthlyFee) => change(plan.id, { ...SENT, monthlyFee }, 1))
      await until(async () => {
        const { rows } = await session(bed.test.adminUrl, (other) =>
          other.query(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          ),
        )
        return rows.length === 2
      })
      await client.query('commit')
      return Promise.all(changes)
    })
    expect(both.map(({ __typename }) => __typename).sort()).toEqual(['RatePlanChanged', 'Stale'])
    const { versions } = await bed.ask(
      'query ($id: ID!) { ratePlan(id: $id) { versions { version terms { monthlyFee { amount } } } } }',
      { id: plan.id },
    )
    expect(versions.map(({ version }: { version: number }) => version)).toEqual([2, 1])
    expect(versions[1].terms.monthlyFee.amount).toBe('20')
    expect(await change(plan.id, SENT, undefined, principal(EMPTY))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('takes no more accounts once it is retired, and lists apart from the others', async () => {
    const { plan } = await create('Retiring', SENT)
    const { ban } = bed.accounts[0]!
    expect((await bed.setPlan(ban, plan.id, '2026-11')).__typename).toBe('AccountRatePlanSet')
    // An id that is empty is none of a plan; it takes nobody off one.
    expect(await bed.setPlan(ban, '', '2026-11')).toMatchObject({ code: 'NOT_FOUND' })
    expect((await retire(plan.id)).plan.isRetired).toBe(true)
    expect((await retire(plan.id)).plan.isRetired).toBe(true)
    expect(await change(plan.id, { ...SENT, monthlyFee: '1' })).toMatchObject({ code: 'PLAN_RETIRED' })
    expect(await bed.setPlan(bed.accounts[1]!.ban, plan.id, '2026-11')).toMatchObject({
      code: 'PLAN_RETIRED',
    })
    const names = async (withRetired: boolean) =>
      (
        await bed.ask('query ($with: Boolean!) { ratePlans(withRetired: $with) { nodes { name } } }', {
          with: withRetired,
        })
      ).nodes.map(({ name }: { name: string }) => name)
    expect(await names(false)).not.toContain('Retiring')
    expect(await names(true)).toContain('Retiring')
    // The account that is on it stays.
    const { ratePlan } = await bed.ask(
      'query ($ban: ID!) { billingAccount(ban: $ban) { ratePlan { plan { name } } } }',
      { ban },
    )
    expect(ratePlan.plan.name).toBe('Retiring')
  })
})

describe('an account', () => {
  it('stays on the version it was put on until it is put on another, from the month that is named', async () => {
    const { plan } = await create('Staying', SENT)
    const { ban } = bed.accounts[1]!
    const now = async () =>
      (
        await bed.ask(
          'query ($ban: ID!) { billingAccount(ban: $ban) { ratePlan { version fromMonth terms { monthlyFee { amount } } } } }',
          { ban },
        )
      ).ratePlan
    await bed.setPlan(ban, plan.id, '2026-10')
    await change(plan.id, { ...SENT, monthlyFee: '25' })
    expect(await now()).toEqual({ version: 1, fromMonth: '2026-10', terms: { monthlyFee: { amount: '20' } } })
    await bed.setPlan(ban, plan.id, '2026-12')
    expect(await now()).toMatchObject({ version: 1, fromMonth: '2026-10' })
    await bed.setPlan(ban, plan.id, '2026-11')
    expect(await now()).toMatchObject({ version: 2, fromMonth: '2026-11' })
    await bed.setPlan(ban, null, '2026-11')
    expect(await now()).toBeNull()
  })

  it('pays for a number that comes without a price what its plan says of its kind', async () => {
    const { ban } = bed.accounts[0]!
    const numberPrices = [{ type: 'TOLLFREE' as const, price: '2.25' }]
    const { plan } = await create('With numbers', { ...SENT, numberPrices })
    await bed.setPlan(ban, plan.id, '2026-11')
    const costs = async (input: object) => {
      const { phoneNumber } = await bed.ask(
        `mutation ($ban: ID!, $input: PhoneNumberInput!) { createPhoneNumber(ban: $ban, input: $input) {
          ... on PhoneNumberCreated { phoneNumber { monthlyCost { amount } } } } }`,
        { ban, input },
      )
      return phoneNumber.monthlyCost.amount
    }
    expect(await costs({ number: '+18885550101', type: 'TOLLFREE' })).toBe('2.25')
    expect(await costs({ number: '+13035550101' })).toBe('1')
    expect(await costs({ number: '+18885550102', type: 'TOLLFREE', monthlyCost: '3' })).toBe('3')
  })

  it('is put on no plan that is not there, in another currency, or for what is no month', async () => {
    const { ban } = bed.accounts[1]!
    const { plan } = await create('In euros', SENT, 'EUR')
    expect(await bed.setPlan(ban, plan.id, '2026-11')).toMatchObject({
      code: 'OTHER_CURRENCY',
      field: 'planId',
    })
    expect(await bed.setPlan(ban, 'nothing', '2026-11')).toMatchObject({ code: 'NOT_FOUND' })
    expect(await bed.setPlan('NOBODY', plan.id, '2026-11')).toMatchObject({ code: 'NOT_FOUND' })
    expect(await bed.setPlan(ban, plan.id, '2026-11-01')).toMatchObject({ field: 'fromMonth' })
  })
})

it('rates the example of docs/rating.md as that page says', async () => {
  const page = await readFile(new URL('../../docs/rating.md', import.meta.url), 'utf8')
  const terms = {
    ...{
      currency: 'USD',
      monthlyFee: '49',
      includedMinutes: 1_000,
      includedClasses: ['LOCAL', 'TOLLFREE'] as const,
    },
    minutePrices: [
      {
        class: 'LOCAL' as const,
        steps: [
          { upTo: 5_000, price: '0.009' },
          { upTo: null, price: '0.0075' },
        ],
      },
      { class: 'TOLLFREE' as const, steps: [{ upTo: null, price: '0.018' }] },
      { class: 'MOBILE' as const, steps: [{ upTo: null, price: '0.021' }] },
      { class: 'INTERNATIONAL' as const, steps: [{ upTo: null, price: '0.085' }] },
    ],
    messagePrices: flat('0.0075'),
    numberPrices: [],
  }
  const { lines, total, includedLeft } = rater({ ...terms, includedClasses: [...terms.includedClasses] })([
    { class: 'LOCAL', seconds: 6_400 * 60 + 30, messages: 250 },
    { class: 'TOLLFREE', seconds: 120 * 60, messages: 0 },
    { class: 'MOBILE', seconds: 100, messages: 0 },
  ])
  for (const { quantity, included, amount } of lines)
    expect(page).toContain(`| ${quantity} | ${included} | ${amount} |`)
  expect(page).toContain(`**${total}**; with the fee the month comes to ${sumOf([terms.monthlyFee, total])},`)
  expect(includedLeft).toBe('0.0000')
})
