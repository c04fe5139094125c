import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '#gateway/limits/index.ts'
import { runEvent } from '#gateway/subscriptions/per-event.ts'
import { type Prepared, prepare } from '#gateway/subscriptions/plan.ts'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'
import type { Subgraph } from '#gateway/supergraph/source.ts'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { supergraphSdl } from '#test/kit/gateway.ts'
import { PART_NAMES } from '#test/kit/graph.ts'

const log = openLog('test', 'silent')
/** A graph whose customers part is played by the test. */
const graphOf = (customers: Subgraph['ask']) =>
  loadSnapshot(
    supergraphSdl,
    Object.fromEntries(
      PART_NAMES.map((name) => [name, { ask: name === 'customers' ? customers : async () => ({}) }]),
    ),
  )
const named = async () => ({ data: { _entities: [{ __typename: 'Customer', name: 'Acme' }] } })
const subscription = (customers: Subgraph['ask'], query: string, variables = {}): Prepared => {
  const prepared = prepare(graphOf(customers), { query, variables }, DEFAULT_LIMITS)
  if (!('part' in prepared)) throw prepared[0]
  return prepared
}
const run = (prepared: Prepared, event: Parameters<typeof runEvent>[0]) =>
  runEvent(event, {
    prepared,
    clock: systemClock,
    signal: new AbortController().signal,
    deadlineMs: 30_000,
    context: (signal) => ({ signal, log, behind: new Set(), cookies: [], caller: {} as never }),
  })

const HEALTH = 'subscription { healthChanged { score customer { name } } }'
const event = () => ({
  data: { healthChanged: { score: '1', customer: { __typename: 'Customer', id: 'c1' } } },
  extensions: { cursor: 'p1' },
})

describe('an event', () => {
  it('is completed by the parts that know the rest, and stays as it came', async () => {
    const came = event()
    const result = await run(subscription(named, HEALTH), came)
    expect(result).toEqual({
      data: { healthChanged: { score: '1', customer: { name: 'Acme' } } },
      extensions: { cursor: 'p1' },
    })
    expect(came).toEqual(event())
  })

  it('keeps the place of an error that came with it', async () => {
    const came = {
      ...event(),
      data: { healthChanged: { ...event().data.healthChanged, score: null } },
      errors: [{ message: 'No score.', path: ['healthChanged', 'score'], extensions: { code: 'NOT_FOUND' } }],
    }
    const { data, errors } = await run(subscription(named, HEALTH), came)
    expect(data).toEqual({ healthChanged: { score: null, customer: { name: 'Acme' } } })
    expect(errors?.map((e) => e.toJSON())).toEqual([
      { message: 'No score.', path: ['healthChanged', 'score'], extensions: { code: 'NOT_FOUND' } },
    ])
  })

  it('goes out without what must not be null and is, by GraphQL’s own rule', async () => {
    const nameless = async () => ({ data: { _entities: [{ __typename: 'Customer', name: null }] } })
    const { data } = await run(subscription(nameless, HEALTH), event())
    expect(data).toEqual({ healthChanged: { score: '1', customer: null } })
  })

  it('goes out without a customer that is not there, and says so', async () => {
    const { data, errors } = await run(
      subscription(
        async () => ({
          data: { _entities: [null] },
          errors: [{ message: 'x', path: ['_entities', 0], extensions: { code: 'NOT_FOUND' } }],
        }),
        HEALTH,
      ),
      event(),
    )
    expect(data).toMatchObject({ healthChanged: { customer: null } })
    expect(errors?.[0]?.path).toEqual(['healthChanged', 'customer'])
  })

  it('is completed as its conditions say', async () => {
    const query =
      'subscription ($deep: Boolean!) { healthChanged { score customer @include(if: $deep) { name } } }'
    let asked = 0
    const customers = async () => {
      asked++
      return named()
    }
    const shallow = await run(subscription(customers, query, { deep: false }), {
      data: { healthChanged: { score: '1' } },
    })
    expect(shallow.data).toEqual({ healthChanged: { score: '1' } })
    expect(asked).toBe(0)
    expect((await run(subscription(customers, query, { deep: true }), event())).data).toEqual({
      healthChanged: { score: '1', customer: { name: 'Acme' } },
    })
    expect(asked).toBe(1)
  })

  it('that a thrown fault of ours meets shows no internals', async () => {
    const broken = subscription(async () => {
      throw new TypeError('secret of the house')
    }, HEALTH)
    const { errors } = await run(broken, event())
    expect(errors?.[0]?.extensions.code).toBe('INTERNAL')
    expect(JSON.stringify(errors)).not.toContain('secret')
  })
})

describe('what is sent to the subgraph', () => {
  it('is the client’s field with our cursor, and only the variables it uses', () => {
    const query =
      'subscription S($id: ID, $a: Cursor, $unused: Boolean = false) { x: healthChanged(customerId: $id, after: $a) { score customer { name @skip(if: $unused) } } }'
    const { upstream, cursorVariable, after, part } = subscription(named, query, { id: 'c1', a: 'p7' })
    expect({ cursorVariable, after, part }).toEqual({
      cursorVariable: 'hubAfter',
      after: 'p7',
      part: 'insights',
    })
    expect(upstream.query).toContain('healthChanged(customerId:$id after:$hubAfter)')
    expect(upstream.query).not.toMatch(/\$a\b/)
    expect(upstream.variables).toEqual({ id: 'c1' })
  })
})
