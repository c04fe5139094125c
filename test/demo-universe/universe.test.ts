import { isIP } from 'node:net'
import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { getDomain } from 'tldts'
import { expect, it } from 'vitest'
import {
  type DemoRfq,
  PART_NUMBERS,
  type Part,
  recordId,
  recordIndex,
  type Trade,
  Universe,
} from '#connectors/demo/index.ts'
import { callsOf, FIRST_RULE } from '#subgraphs/telephony/domain/credit.ts'

const every = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

it('makes the same world from the same seed, in any order, and another from another', () => {
  const describe = (universe: Universe, order: number[]) =>
    order.map((i) => [
      universe.business(i),
      universe.face(universe.business(i), 'c3'),
      universe.person(i),
      universe.rfq(i),
      universe.stockRow(i),
    ])
  const order = every(100)
  const first = describe(new Universe({ seed: 7, companies: 200 }), order)
  const second = describe(new Universe({ seed: 7, companies: 200 }), order.toReversed()).toReversed()
  expect(second).toEqual(first)
  const [ours, others] = [7, 8].map((seed) => new Universe({ seed, companies: 200 }))
  for (const i of order) {
    expect(others!.business(i).name).not.toBe(ours!.business(i).name)
    expect(others!.business(i).knownSince).not.toBe(ours!.business(i).knownSince)
  }
})

it('has exactly the sizes that are asked for', () => {
  const universe = new Universe({ seed: 7, companies: 5_000 })
  expect(universe).toMatchObject({ people: 15_000, deals: 4_000, tickets: 2_000, rfqs: 5_000 })
  const people = every(5_000).flatMap((company) => universe.peopleOf(company))
  expect(new Set(people).size).toBe(people.length)
  expect(people.every((index) => universe.employerOf(index) !== null)).toBe(true)
  expect(every(5_000).reduce((sum, i) => sum + universe.dealsOf(i).length, 0)).toBe(4_000)
  expect(every(5_000).reduce((sum, i) => sum + universe.ticketsOf(i).length, 0)).toBe(2_000)
})

it('knows which accounts are the same business, and half of the companies have an account elsewhere', () => {
  const universe = new Universe({ seed: 7, companies: 1_000 })
  const truths = [...universe.truths()]
  const inHubSpot = truths.filter((t) => t.hubspotId !== null)
  expect(inHubSpot).toHaveLength(1_000)
  const shareOf = (has: (t: (typeof truths)[0]) => boolean) => inHubSpot.filter(has).length / 1_000
  expect(shareOf((t) => t.c3CustomerId !== null)).toBeCloseTo(0.5, 1)
  expect(shareOf((t) => t.ban !== null)).toBeCloseTo(0.5, 1)
  expect(shareOf((t) => t.c3CustomerId !== null && t.ban !== null)).toBeCloseTo(0.25, 1)
  const elsewhere = truths.filter((t) => t.hubspotId === null)
  expect(elsewhere.filter((t) => t.c3CustomerId !== null)).toHaveLength(40)
  expect(elsewhere.filter((t) => t.ban !== null)).toHaveLength(40)
  for (const key of ['hubspotId', 'c3CustomerId', 'ban'] as const) {
    const ids = truths.map((t) => t[key]).filter((id) => id !== null)
    expect(new Set(ids).size).toBe(ids.length)
  }
})

it('has the same business on file under names, domains and phones that differ', () => {
  const universe = new Universe({ seed: 7, companies: 1_000 })
  const both = every(1_000).map((i) => {
    const subject = universe.business(i)
    return [universe.face(subject, 'hubspot'), universe.face(subject, 'c3')] as const
  })
  const share = (differs: (a: (typeof both)[0]) => boolean) => both.filter(differs).length / both.length
  expect(share(([a, b]) => a.name !== b.name)).toBeGreaterThan(0.5)
  expect(share(([a, b]) => a.domain !== null && a.domain === b.domain)).toBeGreaterThan(0.5)
  expect(share(([a]) => a.domain === null)).toBeGreaterThan(0.02)
  expect(share(([, b]) => b.domain === null)).toBeGreaterThan(0.15)
  expect(share(([a, b]) => a.phone !== b.phone)).toBeGreaterThan(0.5)
  // Tenants of a business centre share its switchboard.
  const phones = Map.groupBy(every(1_000), (i) => universe.business(i).phone)
  expect(Math.max(...[...phones.values()].map((list) => list.length))).toBeGreaterThanOrEqual(5)
})

it('uses registrable domains, unique e-mail addresses and numbers that can be dialled', () => {
  const universe = new Universe({ seed: 7, companies: 600 })
  for (const i of every(600)) {
    const { domain } = universe.business(i)
    expect(getDomain(domain)).toBe(domain)
  }
  // Many, because colleagues of sister companies that share a domain seldom share a name.
  const crowd = new Universe({ seed: 7, companies: 40_000 })
  const emails = every(crowd.people)
    .map((i) => crowd.person(i).email)
    .filter((email) => email !== null)
  expect(new Set(emails).size).toBe(emails.length)
  for (const i of universe.inWarp)
    for (const { number } of universe.billingAccount(i).numbers)
      expect(parsePhoneNumberFromString(number)?.isValid(), number).toBe(true)
})

it('tells its stories in the use of the telephone network', () => {
  const universe = new Universe({ seed: 7, companies: 800 })
  const minutes = (story: string, daysAgo: number) =>
    [...universe.inWarp]
      .filter((i) => universe.business(i).story === story)
      .map((i) => universe.billingAccount(i))
      .reduce(
        (sum, account) =>
          sum + universe.usageOn(account, new Date(universe.anchor - daysAgo * 86_400_000)).minutes,
        0,
      )
  expect(minutes('growing', 3)).toBeGreaterThan(minutes('growing', 241))
  expect(minutes('shrinking', 3)).toBeLessThan(minutes('shrinking', 241))
  expect(minutes('churned', 3)).toBe(0)
})

it('gives no two trunks one address, also of 20,000 companies, and every account credit for the calls that it ordered', () => {
  const universe = new Universe({ seed: 7, companies: 20_000 })
  const accounts = [...universe.inWarp].map((i) => universe.billingAccount(i))
  const addresses = accounts.flatMap(({ trunks }) => trunks.flatMap(({ ipAddresses }) => ipAddresses))
  expect(new Set(addresses).size).toBe(addresses.length)
  expect(addresses.filter((address) => isIP(address) !== 4)).toEqual([])
  const short = accounts.filter(({ creditLimit, trunks }) => {
    const ordered = trunks.reduce((sum, { concurrentCalls }) => sum + concurrentCalls, 0)
    const calls = callsOf({ creditLimit, hasCreditLimit: true, currency: 'USD' }, FIRST_RULE)
    return calls === null || calls < BigInt(ordered)
  })
  expect(short).toEqual([])
})

it('spells part numbers as their makers do, each once, also of 163,000', () => {
  const universe = new Universe({ seed: 7, companies: 500, parts: PART_NUMBERS })
  expect(PART_NUMBERS).toBe(163_200)
  expect(universe.part(0)).toMatchObject({
    partNumber: 'STM32F429ZIT6',
    category: 'Microcontrollers',
    package: 'LQFP',
  })
  const numbers = new Set<string>()
  for (let i = 0; i < PART_NUMBERS; i += 1) numbers.add(universe.part(i).partNumber)
  expect(numbers.size).toBe(PART_NUMBERS)
})

it('has relatives for most parts in stock, which differ in few parameters and cost about the same', () => {
  const universe = new Universe({ seed: 7, companies: 200 })
  const parts = every(universe.parts).map(universe.part)
  const differing = (a: Part, b: Part) =>
    a.parameters.filter(({ value }, i) => value !== b.parameters[i]!.value)
  const lonely = parts.filter(
    (one) =>
      !parts.some(
        (other) => other !== one && other.family === one.family && differing(one, other).length <= 2,
      ),
  )
  expect(lonely.length / parts.length).toBeLessThan(0.02)
})

it('asks for one to forty parts at a time, in the customers’ own spelling now and then', () => {
  const universe = new Universe({ seed: 7, companies: 500 })
  const rfqs = every(universe.rfqs).map((i) => universe.rfq(i))
  const counts = rfqs.map(({ lines }) => lines.length)
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([1, 40])
  const lines = rfqs.flatMap((each) => each.lines)
  const odd = lines.filter(({ part, partNumber }) => universe.part(part).partNumber !== partNumber)
  expect(odd.length / lines.length).toBeGreaterThan(0.04)
  expect(odd.length / lines.length).toBeLessThan(0.13)
})

it('wins requests by their price, so that a fair one can be found out', () => {
  const universe = new Universe({ seed: 7, companies: 3_000 })
  const decided = every(universe.rfqs)
    .map((i) => universe.rfq(i))
    .filter(({ state }) => state === 'won' || state === 'lost')
  const markup = ({ lines }: DemoRfq) =>
    Number(lines[0]!.unitPrice) / Number(universe.part(lines[0]!.part).unitCost)
  const share = (from: number, to: number) => {
    const there = decided.filter((each) => markup(each) >= from && markup(each) < to)
    return there.filter(({ state }) => state === 'won').length / there.length
  }
  expect(share(1.05, 1.25)).toBeGreaterThan(share(1.25, 1.4) + 0.1)
  expect(share(1.25, 1.4)).toBeGreaterThan(share(1.45, 1.7) + 0.1)
})

it('tells its stories in two years of trade, and fills the shelves', () => {
  const universe = new Universe({ seed: 7, companies: 1_000 })
  const trade = every(universe.transactions).map((i) => universe.transaction(i))
  expect(new Set(trade.map(({ transactionId }) => transactionId)).size).toBe(trade.length)
  const daysAgo = ({ at }: Trade) => (universe.anchor - at) / 86_400_000
  expect(Math.max(...trade.map(daysAgo))).toBeLessThan(800)
  const of = (story: string) =>
    trade.filter(
      ({ business, rfqId }) =>
        business !== null && rfqId === null && universe.business(business).story === story,
    )
  const recent = (story: string) => of(story).filter((each) => daysAgo(each) < 365).length / of(story).length
  expect(recent('growing')).toBeGreaterThan(0.6)
  expect(recent('shrinking')).toBeLessThan(0.4)
  expect(Math.min(...of('churned').map(daysAgo))).toBeGreaterThan(190)
  const won = every(universe.rfqs)
    .map((i) => universe.rfq(i))
    .filter(({ state }) => state === 'won')
  expect(trade.filter(({ rfqId }) => rfqId !== null)).toHaveLength(
    won.reduce((all, { lines }) => all + lines.length, 0),
  )
  expect(trade.filter(({ kind }) => kind === 'PURCHASE')).toHaveLength(Math.round(universe.stockRows * 0.3))
})

it('turns an id of HubSpot back into the record it was given for', () => {
  for (const index of [0, 1, 499, 299_999])
    expect(recordIndex('contacts', recordId('contacts', index))).toBe(index)
  expect(recordIndex('contacts', '21000000001')).toBeUndefined()
  expect(recordIndex('companies', 'abc')).toBeUndefined()
})
