import { expect, it } from 'vitest'
import { forLine, type OpenLine } from '#subgraphs/inventory/domain/recommending-lines.ts'

const NOW = new Date('2026-11-01T00:00:00Z')
const part = {
  ...{ id: 'a', partNumber: 'LM317T', manufacturer: 'Probe', category: 'Power Management', family: 'LM317' },
  ...{ lifecycle: 'ACTIVE' as const, parameters: [], free: 0, unitCost: '2.0000', currency: 'USD' },
}
/** A line that asks for more than there is, of a part that another one can stand in for, with ten decided quotes. */
const open = (more: Partial<OpenLine['part']> = {}): OpenLine => ({
  ...{
    rfqId: 'r',
    c3RfqId: 'R-1',
    connectionId: 'c',
    accountId: 'x',
    line: 1,
    asked: 'LM317T',
    quantity: 100,
  },
  ...{ currency: 'USD', daysOnShelf: 0 },
  part: { ...part, ...more },
  relatives: [{ ...part, id: 'b', partNumber: 'LM317TG', free: 500, unitCost: '1.5000' }],
  decided: Array.from({ length: 10 }, (_, n) => ({
    ...{ rfqId: `past ${n}`, componentId: 'a', family: 'LM317', accountId: 'x', quantity: 100 },
    ...{ markup: 1.1 + n * 0.05, isWon: n < 5, decidedAt: NOW },
  })),
})
const said = (line: OpenLine) =>
  forLine(line, NOW).map(({ kind, advise }) => [kind, advise()?.reasoning ?? null])

it('says how much a part that can stand in costs beside the one that was asked for, also where that costs nothing', () => {
  expect(said(open())[1]).toEqual([
    'ALTERNATIVE',
    'Better availability, 25 % cost reduction, no difference that matters.',
  ])
  expect(said(open({ unitCost: '1.2000' }))[1]![1]).toContain('costs 25 % more')
  expect(said(open({ unitCost: '0.0000' }))).toEqual([
    ['ALTERNATIVE', 'Better availability, costs something, no difference that matters.'],
  ])
})

it('recommends no price on top of a cost that is nothing, unknown, or in another currency', () => {
  const kinds = (more: Partial<OpenLine['part']>) => forLine(open(more), NOW).map(({ kind }) => kind)
  expect(kinds({})).toContain('PRICING')
  for (const more of [{ unitCost: '0.0000' }, { unitCost: null }, { currency: 'EUR' }])
    expect(kinds(more)).not.toContain('PRICING')
})
