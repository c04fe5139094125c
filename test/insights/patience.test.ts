import { expect, it } from 'vitest'
import { Patience } from '../../subgraphs/insights/jobs/patience.ts'

const { QUIET_MS, MOST_MS } = Patience

it('scores at once what fits one batch, however often facts come', () => {
  const patience = new Patience()
  for (let at = 0; at < 5_000; at += 100) {
    patience.news(at)
    expect(patience.allows('acme', at)).toBe(true)
    patience.scored('acme', false, at)
  }
})

it('leaves an organisation alone while facts pour in, and scores all that wait once they cease', () => {
  const patience = new Patience()
  patience.news(0)
  patience.scored('acme', true, 10)
  for (let at = 20; at < 5_000; at += 100) {
    patience.news(at)
    expect(patience.allows('acme', at)).toBe(false)
    expect(patience.allows('small', at)).toBe(true)
  }
  expect(patience.allows('acme', 4_920 + QUIET_MS)).toBe(true)
  // Catching up: full batches one after the other, though somebody else's facts go on coming.
  patience.news(6_000)
  patience.scored('acme', true, 6_001)
  expect(patience.allows('acme', 6_002)).toBe(true)
  patience.scored('acme', false, 6_003)
  expect(patience.allows('acme', 6_004)).toBe(true)
})

it('lets scores be behind their facts for so long and no longer', () => {
  const patience = new Patience()
  patience.scored('acme', true, 0)
  expect(patience.allows('acme', 1)).toBe(true)
  patience.news(2)
  patience.scored('acme', true, 3)
  for (let at = 3; at < 3 + MOST_MS; at += 100) {
    patience.news(at)
    expect(patience.allows('acme', at)).toBe(false)
  }
  patience.news(3 + MOST_MS)
  expect(patience.allows('acme', 3 + MOST_MS)).toBe(true)
})
