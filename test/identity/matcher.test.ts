import { expect, it } from 'vitest'
import { Universe } from '#connectors/demo/index.ts'
import { type Counts, countsOf } from '#subgraphs/customers/domain/matching/counts.ts'
import { judgePair } from '#subgraphs/customers/domain/matching/judge.ts'
import { parseName } from '#subgraphs/customers/domain/matching/name.ts'
import { type Facts, profileOf } from '#subgraphs/customers/domain/matching/profile.ts'
import { skeletonOf } from '#subgraphs/customers/domain/matching/skeleton.ts'
import { HARD_PAIRS } from './hard-pairs.ts'

const facts = (name: string, more: Partial<Facts> = {}): Facts => ({
  ...{ key: { system: 'HUBSPOT', accountId: name }, source: 'portal', name, domain: null, phones: [] },
  ...{ ban: null, place: null, country: null, isSupplier: false },
  ...more,
})

const judge = (a: Facts, b: Facts, counts?: Counts) =>
  judgePair(profileOf(a), profileOf({ ...b, source: b.source === 'portal' ? 'c3' : b.source }), counts)

it('does with names as they are met what is right for each, and what it concludes is the same both ways round', () => {
  const wrong = HARD_PAIRS.flatMap(({ a, b, domains, places, same, may }) => {
    const [one, two] = [
      facts(a, { domain: domains?.[0] ?? null, place: places?.[0] ?? null }),
      facts(b, { domain: domains?.[1] ?? null, place: places?.[1] ?? null }),
    ]
    const { verdict, score } = judge(one, two)
    expect(judge(two, one).score).toBeCloseTo(score, 6)
    return may.includes(verdict) ? [] : [`${a} | ${b} (${same ? 'one' : 'two'}): ${verdict} ${score}`]
  })
  expect(wrong).toEqual([])
})

it('shows what a score was concluded from: rows that add up to it, and the rules that bound it', () => {
  const { score, waterfall, rules } = judge(
    facts('Kelworth Controls', { domain: 'kelworth.com' }),
    facts('Kelworth Controls West', { domain: 'kelworth.com' }),
  )
  const weights = waterfall.filter(({ field }) => field !== 'RULE')
  const bits = weights.reduce((sum, { weight }) => sum + weight, 0)
  expect(weights.at(-1)!.score).toBeCloseTo(100 / (1 + 2 ** -bits), 1)
  expect(rules).toEqual(['PART_OF_GROUP'])
  expect(waterfall.at(-1)).toMatchObject({ field: 'RULE', level: 'PART_OF_GROUP', score: 84 })
  expect(score).toBe(84)
})

it('fault 58 (identity): compares names as they look, whatever letters and marks they are written with', () => {
  const disguised = [
    'Zеta Wоrks',
    'Ｚｅｔａ Ｗｏｒｋｓ',
    'Ze\u200bta\u202e Wo\u2060rks',
    'ZÉTA WÖRKS',
    'Ζeta Works',
  ]
  expect(disguised.map(skeletonOf)).toEqual(disguised.map(() => 'zeta works'))
  expect(skeletonOf('Яндекс 🚀 Ελλάς')).toBe('yandeks 🚀 ellas')
  for (const name of disguised) expect(judge(facts('Zeta Works GmbH'), facts(name)).verdict).toBe('LINK')
})

it('takes legal forms off, wherever they stand and however they are written', () => {
  const names = [
    'Acme Gears G.m.b.H. & Co. KG',
    'ООО Acme Gears',
    'ACME GEARS (PTY) LTD',
    'Acme Gears, S.A. de C.V.',
  ]
  expect(names.map((name) => parseName(name).words)).toEqual(names.map(() => ['acme', 'gears']))
  expect(parseName('The Company').words).toEqual(['the'])
  expect(parseName('').words).toEqual([])
})

it('lets a domain or a telephone number that many share say nothing', () => {
  const [a, b] = ['Halden Freight', 'Osterby Clinics'].map((name) =>
    facts(name, { domain: 'business-center.com', phones: ['mark'] }),
  ) as [Facts, Facts]
  expect(judge(a, b, countsOf(new Map([['', 600]]))).verdict).toBe('ASK')
  const many = countsOf(
    new Map([
      ['', 600],
      ['@business-center.com', 500],
      ['#mark', 500],
    ]),
  )
  const { verdict, waterfall } = judge(a, b, many)
  expect(verdict).toBe('APART')
  expect(waterfall.filter(({ level }) => level === 'SHARED_BY_MANY').map(({ weight }) => weight)).toEqual([
    0, 0,
  ])
  expect(
    judge({ ...a, domain: 'gmail.com', phones: [] }, { ...b, domain: 'gmail.com', phones: [] }).verdict,
  ).toBe('APART')
})

it('asks before a supplier is put together with who buys, and before two are that only a slip of the hand tells apart', () => {
  expect(judge(facts('Kestrel Components', { isSupplier: true }), facts('Kestrel Components'))).toMatchObject(
    {
      ...{ verdict: 'ASK', rules: ['SUPPLIER'] },
    },
  )
  expect(judge(facts('Fenland Marine'), facts('Fenlund Marine')).rules).toEqual(['SLIP_ALONE'])
  const confirmed = judge(
    facts('Fenland Marine', { domain: 'fenland.com' }),
    facts('Fenlnad Marine', { domain: 'fenland.com' }),
  )
  expect(confirmed.verdict).toBe('LINK')
})

it('makes much of a word that nobody else has in an organisation, and little of one that many have', () => {
  const counts = (count: number, called = count) =>
    countsOf(
      new Map([
        ['', 4_096],
        ['kelworth', count],
        ['=kelworth', called],
      ]),
    )
  const score = (count: number) => judge(facts('Kelworth'), facts('Kelworth'), counts(count)).score
  expect(score(1)).toBeGreaterThan(85)
  expect(score(64)).toBeLessThan(score(1))
  expect(score(1_024)).toBeLessThan(5)
  // Others have it in longer names; nobody else is called just that.
  expect(judge(facts('Kelworth Inc'), facts('Kelworth'), counts(64, 1)).verdict).toBe('LINK')
})

it('links what the demo world knows to be one, and nothing else, in a sample', () => {
  const universe = new Universe({ seed: 11, companies: 120 })
  const faces = Array.from(universe.inC3).map((index) => {
    const subject = universe.business(index)
    return { index, hubspot: universe.face(subject, 'hubspot'), c3: universe.face(subject, 'c3') }
  })
  let [linked, right] = [0, 0]
  for (const one of faces)
    for (const two of faces) {
      const { verdict } = judge(
        facts(one.hubspot.name, { domain: one.hubspot.domain }),
        facts(two.c3.name, { domain: two.c3.domain }),
      )
      if (verdict !== 'LINK') continue
      linked += 1
      right += one.index === two.index ? 1 : 0
    }
  expect(right / linked).toBeGreaterThanOrEqual(0.995)
  expect(right / faces.length).toBeGreaterThanOrEqual(0.85)
})
