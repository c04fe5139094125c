import { expect, it } from 'vitest'
import { isSame } from '#subgraphs/insights/domain/same.ts'
import { chance, pick } from './facts.ts'

/** Something that is kept as JSON, with zeros of both signs and names that say nothing. */
const anything = (random: () => number, deep: number): unknown => {
  const kind = pick(random, deep > 0 ? ['plain', 'list', 'record', 'record'] : ['plain'])
  const some = <T>(of: () => T): T[] => Array.from({ length: Math.floor(random() * 3) }, of)
  if (kind === 'list') return some(() => anything(random, deep - 1))
  if (kind === 'record')
    return Object.fromEntries(
      some(() => [
        pick(random, ['a', 'b', '0', 'constructor']),
        pick(random, [undefined, anything(random, deep - 1)]),
      ]),
    )
  return pick(random, [null, true, '', '0', 0, -0, 0.1, 7])
}

/** With the names of every record in one order. */
const kept = (document: unknown): string =>
  JSON.stringify(document, (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )

it('two documents are the same when they are kept as the same JSON, whatever the order of their names', () => {
  const random = chance(17)
  const seen = { same: 0, other: 0 }
  for (let round = 0; round < 20_000; round++) {
    const [one, other] = [anything(random, 3), anything(random, 3)]
    expect(isSame(one, JSON.parse(JSON.stringify(one)))).toBe(true)
    const same = kept(one) === kept(other)
    expect(isSame(one, other)).toBe(same)
    seen[same ? 'same' : 'other']++
  }
  expect(Math.min(seen.same, seen.other)).toBeGreaterThan(500)
})
