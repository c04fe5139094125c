import { expect, it } from 'vitest'
import { Universe } from '#connectors/demo/index.ts'
import { alternativesFor, type Candidate, canStandIn } from '#subgraphs/inventory/domain/alternatives.ts'
import { differences } from '#subgraphs/inventory/domain/compatibility.ts'
import { violations } from '../../bench/markets.ts'

const mcu = (
  id: string,
  over: Partial<Candidate> = {},
  parameters: Record<string, [string, string | null]> = {},
): Candidate => ({
  id,
  partNumber: id,
  manufacturer: 'STMicroelectronics',
  category: 'Microcontrollers',
  family: 'STM32F4',
  lifecycle: 'ACTIVE',
  free: 1_000,
  unitCost: '10.0000',
  ...over,
  parameters: Object.entries({
    line: ['429', null],
    pins: ['144', null],
    flash: ['1024', 'KB'],
    package: ['LQFP', null],
    temperature: ['85', '°C'],
    packing: ['tray', null],
    ...parameters,
  }).map(([name, [value, unit]]) => ({ name, value: value!, unit: unit ?? null })),
})

it('offers what does as well or better, and nothing that would not fit, would fail or would end sooner', () => {
  const asked = mcu('asked')
  const others = [
    mcu('more flash', {}, { flash: ['2048', 'KB'] }),
    mcu('hotter', {}, { temperature: ['125', '°C'], packing: ['reel', null] }),
    mcu('less flash', {}, { flash: ['512', 'KB'] }),
    mcu('other pins', {}, { pins: ['100', null] }),
    mcu('other package', {}, { package: ['UFBGA', null] }),
    mcu('other units', {}, { flash: ['2048', 'Kbit'] }),
    mcu('other family', { family: 'STM32L4' }),
    mcu('dying', { lifecycle: 'LAST_TIME_BUY' }),
    mcu('dead', { lifecycle: 'OBSOLETE' }),
    mcu('of unknown life', { lifecycle: null }),
    { ...mcu('says less'), parameters: asked.parameters.slice(1) },
    asked,
  ]
  expect(
    alternativesFor(asked, others, 10)
      .map(({ candidate }) => candidate.id)
      .sort(),
  ).toEqual(['hotter', 'more flash'])
  expect(canStandIn(mcu('dying itself', { lifecycle: 'LAST_TIME_BUY' }), asked)).toEqual([])
})

it('puts what is there before what is not, then what differs less, then what costs less', () => {
  const asked = mcu('asked')
  const found = alternativesFor(
    asked,
    [
      mcu('scarce', { free: 3, unitCost: '1.0000' }),
      mcu('dear', { unitCost: '12.5000' }),
      mcu('cheap', { unitCost: '7.5000' }),
      mcu('differs', { unitCost: '1.0000' }, { flash: ['2048', 'KB'] }),
      mcu('of no known cost', { unitCost: null }),
    ],
    100,
  )
  expect(found.map(({ candidate, saving, isAvailable }) => [candidate.id, saving, isAvailable])).toEqual([
    ['cheap', '2.5000', true],
    ['of no known cost', null, true],
    ['dear', '-2.5000', true],
    ['differs', '9.0000', true],
    ['scarce', '9.0000', false],
  ])
  expect(found[3]!.differences).toEqual([
    { name: 'flash', asked: '1024 KB', offered: '2048 KB', isAllowed: true },
  ])
})

it('demands by category what engineers do, and equality of whatever nobody thought of', () => {
  const one = (name: string, value: string, unit: string | null = null) => [{ name, value, unit }]
  const allowed = (category: string | null, a: ReturnType<typeof one>, b: ReturnType<typeof one>) =>
    differences(category, a, b).every(({ isAllowed }) => isAllowed)
  expect(allowed('Capacitors', one('voltage', '16', 'V'), one('voltage', '25', 'V'))).toBe(true)
  expect(allowed('Capacitors', one('voltage', '25', 'V'), one('voltage', '16', 'V'))).toBe(false)
  expect(allowed('Resistors', one('tolerance', '5', '%'), one('tolerance', '1', '%'))).toBe(true)
  expect(allowed('Resistors', one('tolerance', '1', '%'), one('tolerance', '5', '%'))).toBe(false)
  expect(allowed('Connectors', one('plating', 'tin'), one('plating', 'gold'))).toBe(true)
  expect(allowed('Connectors', one('plating', 'gold'), one('plating', 'unheard-of'))).toBe(false)
  expect(allowed('Logic', one('grade', 'industrial'), one('grade', 'automotive'))).toBe(true)
  expect(allowed('Logic', one('grade', 'automotive'), one('grade', 'industrial'))).toBe(false)
  expect(allowed('Unheard of', one('mood', 'good'), one('mood', 'better'))).toBe(false)
  expect(allowed(null, one('packing', 'tray'), one('packing', 'reel'))).toBe(true)
})

it('finds relatives for most of what customers ask for in the demo world, and keeps every hard parameter', () => {
  const universe = new Universe({ seed: 7, companies: 100 })
  const parts = Array.from({ length: universe.parts }, (_, i) => universe.part(i))
  const candidates = parts.map((part): Candidate => ({ ...part, id: part.partNumber, free: 1_000 }))
  let served = 0
  for (const asked of candidates) {
    const found = alternativesFor(asked, candidates, 1)
    if (found.length > 0) served += 1
    for (const { candidate } of found) expect(violations(asked, candidate)).toEqual([])
  }
  expect(served / candidates.length).toBeGreaterThan(0.5)
})

it('would be told of a stand-in that violates what must stay, whatever the product thinks of it', () => {
  const part = (name: string, value: string) => ({
    ...{ category: 'Capacitors', family: 'X7R', manufacturer: 'M' },
    parameters: [{ name, value, unit: null }],
  })
  expect(violations(part('voltage', '25'), part('voltage', '16'))).toEqual(['voltage'])
  expect(violations(part('voltage', '16'), part('voltage', '25'))).toEqual([])
  expect(violations(part('capacitance', '1'), part('capacitance', '2'))).toEqual(['capacitance'])
  expect(violations(part('grade', 'automotive'), part('grade', 'industrial'))).toEqual(['grade'])
  expect(violations(part('packing', 'reel'), part('packing', 'tray'))).toEqual([])
  expect(violations(part('voltage', '16'), { ...part('voltage', '16'), family: 'other' })).toEqual(['family'])
})
