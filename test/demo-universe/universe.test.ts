import { parsePhoneNumberFromString } from 'libphonenumber-js'
import { getDomain } from 'tldts'
import { expect, it } from 'vitest'
import { recordId, recordIndex, Universe } from '#connectors/demo/index.ts'

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
  expect(universe).toMatchObject({ people: 15_000, deals: 4_000, tickets: 2_000, rfqs: 3_000 })
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

it('spells part numbers as their makers do, each once', () => {
  const universe = new Universe({ seed: 7, companies: 500 })
  const parts = every(universe.parts).map(universe.part)
  expect(parts[0]!.partNumber).toBe('STM32F429ZIT6')
  expect(new Set(parts.map((p) => p.partNumber)).size).toBe(parts.length)
  const lines = every(universe.rfqs).map((i) => universe.rfq(i).lines.length)
  expect(Math.min(...lines)).toBeGreaterThanOrEqual(1)
  expect(Math.max(...lines)).toBeLessThanOrEqual(40)
})

it('turns an id of HubSpot back into the record it was given for', () => {
  for (const index of [0, 1, 499, 299_999])
    expect(recordIndex('contacts', recordId('contacts', index))).toBe(index)
  expect(recordIndex('contacts', '21000000001')).toBeUndefined()
  expect(recordIndex('companies', 'abc')).toBeUndefined()
})
