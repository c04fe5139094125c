import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Run } from '#gateway/execution/fetching.ts'
import { type AskEntities, askUnlessKept } from '#gateway/execution/kept-entities.ts'
import { Keeping } from '#gateway/kept/keeping.ts'
import { TouchedPart } from '#gateway/kept/part.ts'
import { KeptTexts } from '#gateway/kept/store.ts'
import { contextOf } from '#test/execution/comparison.ts'
import { EMPTY, principal } from '#test/kit/subgraph.ts'

const HEALTH = { part: 'insights', question: '{ health { score } }' }
const FOR_EVER = Number.POSITIVE_INFINITY
const entity = (id: string) => JSON.stringify({ __typename: 'Customer', id })

let texts: KeptTexts
let insights: TouchedPart
let asked: string[][]
beforeEach(() => {
  texts = new KeptTexts(1)
  insights = new TouchedPart(() => 0)
  insights.begin(['insights.health'])
  insights.told()
  asked = []
})
afterEach(() => texts[Symbol.asyncDispose]())

/** Says of each entity which it is; those named wrong have an error. */
const ask =
  (wrong: string[] = []): AskEntities =>
  async ({ context }, representations) => {
    const ids = representations.map((each) => JSON.parse(each).id as string)
    asked.push(ids)
    const read = { tables: ['insights.health'], holdsMs: FOR_EVER, count: insights.count }
    context.keeping?.answered('insights', read)
    const errors = ids.flatMap((id, place) =>
      wrong.includes(id) ? [{ message: `not ${id}`, path: ['_entities', place, 'health'] }] : [],
    )
    return { data: { _entities: ids.map((id) => ({ id })) }, ...(errors.length > 0 ? { errors } : {}) }
  }

const answer = async (
  ids: string[],
  options: { who?: ReturnType<typeof principal>; wrong?: string[] } = {},
) => {
  const keeping = new Keeping(options.who ?? principal(), { insights }, texts)
  const run = { context: { ...contextOf(), keeping } } as Run
  const { data, errors } = await askUnlessKept(ask(options.wrong), HEALTH, run, ids.map(entity))
  const found = data?._entities as ({ id: string } | null)[]
  return { ids: found.map((each) => each?.id), errors, basis: keeping.basis }
}

it('asks for those that are not kept, and answers all in the order in which they were asked for', async () => {
  await answer(['a', 'c'])
  expect((await answer(['d', 'c', 'b', 'a'])).ids).toEqual(['d', 'c', 'b', 'a'])
  expect((await answer(['a', 'b', 'c', 'd'])).ids).toEqual(['a', 'b', 'c', 'd'])
  expect(asked).toEqual([
    ['a', 'c'],
    ['d', 'b'],
  ])
})

it('places what went wrong among all, and keeps nothing of an answer with errors', async () => {
  await answer(['a'])
  const { errors } = await answer(['b', 'a', 'c'], { wrong: ['c'] })
  expect(errors).toEqual([{ message: 'not c', path: ['_entities', 2, 'health'] }])
  await answer(['b', 'a', 'c'])
  expect(asked).toEqual([['a'], ['b', 'c'], ['b', 'c']])
})

it('asks anew once a table was touched that they were made from', async () => {
  const { basis } = await answer(['a'])
  expect(basis.rests()).toBeDefined()
  insights.touch(principal().orgId as string, 'insights.health')
  expect(basis.rests()).toBeUndefined()
  await answer(['a'])
  expect(asked).toEqual([['a'], ['a']])
})

it('gives nobody what somebody else was answered: of another organisation, or with other rights', async () => {
  await answer(['a'])
  await answer(['a'], { who: principal(EMPTY) })
  await answer(['a'], { who: principal(principal().orgId as string, 'customers:read') })
  expect(asked).toHaveLength(3)
})

it('has the whole answer rest on what is kept as well', async () => {
  await answer(['a'])
  const { basis } = await answer(['a'])
  expect(asked).toHaveLength(1)
  expect(basis.rests()).toBeDefined()
  insights.lost()
  expect(basis.rests()).toBeUndefined()
})
