import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '#gateway/limits/index.ts'
import { type Prepared, prepare } from '#gateway/subscriptions/plan.ts'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'
import { cursorAt } from '#service/subscriptions.ts'

const sdl = readFileSync(join(import.meta.dirname, '../../schema/generated/supergraph.graphql'), 'utf8')
const nobody = { ask: async () => ({ data: null }) }
const parts = ['customers', 'inventory', 'telephony', 'insights', 'hub']
const snapshot = loadSnapshot(sdl, Object.fromEntries(parts.map((name) => [name, nobody])))

const QUERY = `subscription ($runs: Boolean!, $after: Cursor, $id: ID) {
  syncEvents(after: $after) @include(if: $runs) { id } healthChanged(after: $after, customerId: $id) @skip(if: $runs) { score } }`

const prepared = (variables: Record<string, unknown>): Prepared => {
  const made = prepare(snapshot, { query: QUERY, operationName: undefined, variables }, DEFAULT_LIMITS)
  if (!('part' in made)) throw made[0]
  return made
}

it('a text that is followed again is another subscription where its variables say so', () => {
  const runs = prepared({ runs: true })
  const health = prepared({ runs: false, id: 'c1' })
  expect([runs.part, health.part]).toEqual(['hub', 'insights'])
  expect(health.upstream.variables).toEqual({ id: 'c1' })
  const again = prepared({ runs: true, after: cursorAt(7) })
  expect(again.after).toBe(cursorAt(7))
  // Where to go on makes no other subscription of it: whoever has caught up joins the others.
  expect(again.identity).toBe(runs.identity)
  expect(prepared({ runs: false, id: 'c2' }).identity).not.toBe(health.identity)
  expect(prepared({ runs: false, id: 'c1' })).toEqual(health)
})

it('a text with a fault is refused each time, and one that costs too much as well', () => {
  const ask = (query: string, variables = {}) =>
    prepare(snapshot, { query, operationName: undefined, variables }, DEFAULT_LIMITS)
  const faulty = 'subscription { syncEvents { nobody } }'
  expect(ask(faulty)).toHaveLength(1)
  expect(ask(faulty)).toHaveLength(1)
  const costly =
    'subscription ($n: Int! = 1) { healthChanged { customer { deals(first: $n) { nodes { contacts(first: $n) { nodes { deals(first: $n) { nodes { id } } } } } } } } }'
  expect(ask(costly)).toMatchObject({ part: 'insights' })
  expect(() => ask(costly, { n: 200 })).toThrow()
  expect(ask(costly, { n: 2 })).toMatchObject({ part: 'insights' })
})
