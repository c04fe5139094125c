import { expect, it } from 'vitest'
import {
  compileField,
  compileMappings,
  DEFAULT_MAPPED,
  type FieldMapping,
} from '#subgraphs/customers/domain/mapping.ts'
import {
  invert,
  isInvertible,
  readTransform,
  type Transform,
} from '#subgraphs/customers/domain/transforms.ts'

/** Draws that are the same in every run. */
const draws = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * below)
  }
}

const transform = (given: Record<string, unknown>): Transform => {
  const read = readTransform(given as never)
  if ('wrong' in read) throw new Error(read.wrong)
  return read
}

const mapped = (properties: string[], ...transforms: Record<string, unknown>[]): FieldMapping => ({
  properties,
  transforms: transforms.map(transform),
  direction: 'IN',
})

const readAs = (
  values: Record<string, string | null>,
  properties: string[],
  ...transforms: Record<string, unknown>[]
) => compileField(mapped(properties, ...transforms))(values)

it('changes values as each transform says, and makes nothing of what does not fit', () => {
  const v = (a: string) => ({ a })
  expect(readAs(v('  Acme  '), ['a'], { kind: 'TRIM' }, { kind: 'UPPER' })).toBe('ACME')
  expect(readAs(v('Acme'), ['a'], { kind: 'LOWER' })).toBe('acme')
  expect(readAs(v('1.234,50'), ['a'], { kind: 'NUMBER', decimal: ',', group: '.' })).toBe('1234.5')
  expect(readAs(v('1 234,50'), ['a'], { kind: 'NUMBER', decimal: ',', group: ' ' })).toBe('1234.5')
  expect(readAs(v('about ten'), ['a'], { kind: 'NUMBER' })).toBeNull()
  expect(readAs(v('€ 1.200,50'), ['a'], { kind: 'CURRENCY', decimal: ',', group: '.' })).toBe('1200.5')
  expect(readAs(v('USD -12'), ['a'], { kind: 'CURRENCY' })).toBe('-12')
  expect(readAs(v('12345'), ['a'], { kind: 'CURRENCY', unit: 'MINOR' })).toBe('123.45')
  expect(readAs(v('31.12.2026'), ['a'], { kind: 'DATE', format: 'DD.MM.YYYY' })).toBe('2026-12-31')
  expect(readAs(v('31.02.2026'), ['a'], { kind: 'DATE', format: 'DD.MM.YYYY' })).toBeNull()
  expect(readAs(v('1763600462123'), ['a'], { kind: 'DATE', format: 'EPOCH_MS' })).toBe(
    '2025-11-20T01:01:02.123Z',
  )
  const options = [{ from: 'gold', to: 'enterprise' }]
  expect(readAs(v('gold'), ['a'], { kind: 'ENUM_MAP', options })).toBe('enterprise')
  expect(readAs(v('tin'), ['a'], { kind: 'ENUM_MAP', options })).toBe('tin')
  expect(readAs(v('tin'), ['a'], { kind: 'ENUM_MAP', options, otherwise: 'BLANK' })).toBeNull()
  expect(readAs(v('a/b/c'), ['a'], { kind: 'SPLIT', separator: '/', part: -1 })).toBe('c')
  expect(readAs(v('a/b'), ['a'], { kind: 'SPLIT', separator: '/', part: 3 })).toBeNull()
  const both = { first: 'Ada', last: 'Stone', none: null }
  expect(readAs(both, ['first', 'none', 'last'], { kind: 'JOIN', separator: ', ' })).toBe('Ada, Stone')
  expect(readAs(both, ['first', 'last'], { kind: 'TEMPLATE', text: '{last}: {first} {none}' })).toBe(
    'Stone: Ada',
  )
  expect(readAs({ first: null }, ['first'], { kind: 'TEMPLATE', text: 'Dear {first}' })).toBeNull()
  expect(readAs(both, ['none', 'last'])).toBe('Stone')
})

it('says what is wrong with a transform whose parameters cannot be used', () => {
  for (const given of [
    { kind: 'NUMBER', decimal: '.', group: '.' },
    { kind: 'SPLIT', separator: '', part: 1 },
    { kind: 'SPLIT', separator: ',', part: 0 },
    { kind: 'DATE', format: 'MM-YY' },
    {
      kind: 'ENUM_MAP',
      options: [
        { from: 'a', to: 'b' },
        { from: 'a', to: 'c' },
      ],
    },
    { kind: 'TRIM', text: 'x' },
    { kind: 'TEMPLATE', text: 'x'.repeat(501) },
  ])
    expect(readTransform(given as never)).toHaveProperty('wrong')
})

it('writes back what it read wherever it says that it can', () => {
  const draw = draws(7)
  for (let n = 0; n < 2000; n += 1) {
    const whole = String(draw(10_000_000))
    const cents = String(1 + draw(99))
      .padStart(2, '0')
      .replace(/0$/, '')
    const sign = draw(2) === 0 ? '-' : ''
    const mark = draw(2) === 0 ? '.' : ','
    const number = `${sign}${whole === '0' ? '1' : whole}${mark}${cents}`
    const day = new Date(Date.UTC(1970 + draw(120), draw(12), 1 + draw(28), draw(24), draw(60), draw(60)))
    const iso = day.toISOString()
    const [year, month, date] = [iso.slice(0, 4), iso.slice(5, 7), iso.slice(8, 10)]
    const tiers = ['a', 'b', 'c', 'd'].map((from, i) => ({ from, to: `${(i + draw(9)) % 4}-${i}` }))
    const cases: [Transform, string][] = [
      [transform({ kind: 'NUMBER', decimal: mark }), number],
      [transform({ kind: 'CURRENCY', decimal: mark }), number],
      [transform({ kind: 'CURRENCY', unit: 'MINOR' }), `${sign}${1 + draw(1_000_000)}`],
      [transform({ kind: 'DATE', format: 'ISO' }), iso],
      [transform({ kind: 'DATE', format: 'EPOCH_MS' }), String(day.getTime())],
      [transform({ kind: 'DATE', format: 'EPOCH_S' }), String(day.getTime() / 1000)],
      [transform({ kind: 'DATE', format: 'DD.MM.YYYY' }), `${date}.${month}.${year}`],
      [transform({ kind: 'DATE', format: 'MM/DD/YYYY' }), `${month}/${date}/${year}`],
      [transform({ kind: 'DATE', format: 'YYYY-MM-DD' }), `${year}-${month}-${date}`],
      [transform({ kind: 'ENUM_MAP', options: tiers }), 'abcd'[draw(4)]!],
    ]
    for (const [step, said] of cases) {
      const read = compileField({ properties: ['p'], transforms: [step], direction: 'IN' })({ p: said })
      expect(invert(step)?.(String(read)), `${JSON.stringify(step)} of ${said}`).toBe(said)
    }
  }
  const twoToOne = transform({
    kind: 'ENUM_MAP',
    options: [
      { from: 'a', to: 'x' },
      { from: 'b', to: 'x' },
    ],
  })
  expect([isInvertible(twoToOne), invert(twoToOne)]).toEqual([false, undefined])
  for (const kind of ['TRIM', 'UPPER', 'LOWER']) expect(isInvertible(transform({ kind }))).toBe(false)
})

it('reads the properties that the hub has always read while nobody has mapped anything', () => {
  const { companies, contacts } = DEFAULT_MAPPED
  expect(companies.domain({ domain: ' ', website: 'https://acme.example' })).toBe('https://acme.example')
  expect(companies.annualRevenue({ annualrevenue: '12' })).toBe('12')
  expect(contacts.phone({ phone: null, mobilephone: '+1 555' })).toBe('+1 555')
  const mine = compileMappings({ companies: { industry: mapped(['branche'], { kind: 'UPPER' }) } })
  expect(mine.companies.industry({ industry: 'no', branche: 'yes' })).toBe('YES')
  expect(mine.companies.city({ city: 'Here' })).toBe('Here')
})
