import { expect, it } from 'vitest'
import { everyPair, findAll, recallBy } from '../../bench/matching.ts'
import { type Beside, halfOf, namedAccounts } from '../../bench/names/population.ts'

/** What is found among names that the matcher was not made with. Only counts: nobody is to learn which ones it gets wrong. */
const measured = (beside: Beside) => {
  const accounts = namedAccounts('HELD_OUT', beside)
  const found = findAll(accounts, everyPair(accounts))
  const rows = [...recallBy(accounts, found, () => 'all').values()]
  return {
    linked: found.linked.length,
    precision: 1 - found.wrong.length / found.linked.length,
    recall: rows[0]!.linked / rows[0]!.pairs,
    withReview: rows[0]!.found / rows[0]!.pairs,
  }
}

it('links names that were held out without a wrong one in two hundred, with domains, and asks about nearly all the others', () => {
  const { linked, precision, recall, withReview } = measured('DOMAIN')
  expect(linked).toBeGreaterThan(200)
  expect(precision).toBeGreaterThanOrEqual(0.995)
  expect(recall).toBeGreaterThanOrEqual(0.75)
  expect(withReview).toBeGreaterThanOrEqual(0.95)
})

it('links no more wrongly when the names are all there is, and leaves more to be asked about', () => {
  const { linked, precision, recall, withReview } = measured('NAME')
  expect(linked).toBeGreaterThan(200)
  expect(precision).toBeGreaterThanOrEqual(0.995)
  expect(recall).toBeGreaterThanOrEqual(0.6)
  expect(withReview).toBeGreaterThanOrEqual(0.9)
})

it('keeps a family of names in one half, whatever is added to the list', () => {
  expect(['siemens', 'fnb', 'delta', 'smith'].map(halfOf)).toEqual([
    'LOOKED_AT',
    'LOOKED_AT',
    'HELD_OUT',
    'LOOKED_AT',
  ])
  const families = (half: 'LOOKED_AT' | 'HELD_OUT') =>
    new Set(namedAccounts(half, 'NAME').map(({ business }) => business))
  const [looked, held] = [families('LOOKED_AT'), families('HELD_OUT')]
  expect([...looked].filter((business) => held.has(business))).toEqual([])
  expect(Math.min(looked.size, held.size)).toBeGreaterThan(150)
})
