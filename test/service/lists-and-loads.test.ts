import { expect, it } from 'vitest'
import { connection, isMoment, isText, isWhole, keyset, placeOf } from '#service/connection.ts'
import { loader } from '#service/loader.ts'
import { invalid, isRefusal, missing, stale } from '#service/refusal.ts'
import { ask, serve, user } from './graph.ts'

it('loads the keys of one turn in one batch for each set of arguments, each key once', async () => {
  const batches: unknown[] = []
  const deals = loader(async (keys: readonly string[], args: { first: number; open?: boolean }) => {
    batches.push([keys, args])
    return new Map(keys.filter((key) => key !== 'none').map((key) => [key, `${key}:${args.first}`]))
  })
  const loaded = await Promise.all([
    deals.load('a', { first: 1, open: true }),
    deals.load('b', { open: true, first: 1 }),
    deals.load('a', { first: 1, open: true }),
    deals.load('a', { first: 2 }),
    deals.load('none', { first: 2 }),
  ])
  expect(loaded).toEqual(['a:1', 'b:1', 'a:1', 'a:2', null])
  expect(batches).toEqual([
    [['a', 'b'], { first: 1, open: true }],
    [['a', 'none'], { first: 2 }],
  ])
})

it('walks a list page by page to its end', () => {
  const all = [1, 2, 3, 4, 5]
  const page = (first: number, after?: string | null) => {
    const asked = keyset({ first, after }, 1)
    const from = asked.after ? (asked.after[0] as number) : 0
    return connection(all.filter((n) => n > from).slice(0, asked.limit), asked, (n) => [n])
  }
  const first = page(2)
  expect(first.nodes).toEqual([1, 2])
  expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  const second = page(3, first.pageInfo.endCursor)
  expect(second.edges.map(({ node }) => node)).toEqual([3, 4, 5])
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  const empty = page(3, second.pageInfo.endCursor)
  expect(empty.pageInfo).toMatchObject({ startCursor: null, endCursor: null, hasNextPage: false })
})

it('refuses a page size out of bounds and a cursor of another list', () => {
  for (const args of [{ first: 0 }, { first: 201 }, { first: 1, after: 'x' }])
    expect(() => keyset(args, 1)).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
})

it('knows a place of its own list, and refuses one of another that has as many values', () => {
  expect(placeOf(null, isWhole, isText)).toBeNull()
  expect(placeOf([7, 'a'], isWhole, isText)).toEqual([7, 'a'])
  expect(placeOf(['2026-11-22T10:00:00.123456Z'], isMoment)).toEqual(['2026-11-22T10:00:00.123456Z'])
  for (const place of [
    () => placeOf(['7', 'a'], isWhole, isText),
    () => placeOf([7, 'a'], isWhole),
    ...[7.5, 2 ** 31, '7', null].map((value) => () => placeOf([value], isWhole)),
    ...['a\0', 7, null].map((value) => () => placeOf([value], isText)),
    ...['2026', '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', 1].map(
      (value) => () => placeOf([value], isMoment),
    ),
  ])
    expect(place, `${place}`).toThrow(expect.objectContaining({ code: 'BAD_INPUT' }))
})

it('tells refusals from results', () => {
  for (const refusal of [stale('The deal', 3), invalid('name', 'Give it a name.'), missing('The deal')])
    expect(isRefusal(refusal)).toBe(true)
  for (const other of [null, undefined, 'Stale', {}, { __typename: 'Deal' }])
    expect(isRefusal(other)).toBe(false)
})

const typeDefs = /* GraphQL */ `
  scalar Decimal
  scalar DateTime
  scalar Date
  type Query {
    decimal(of: Decimal!): Decimal
    moment(of: DateTime!): DateTime
    day(of: Date!): Date
  }
`
const same = (_: unknown, { of }: { of: unknown }) => of
const resolvers = { Query: { decimal: same, moment: same, day: same } }

it('takes and gives exact decimals, moments with a zone, and days that exist', async () => {
  await using subgraph = await serve({ typeDefs, resolvers })
  const one = async (text: string) => {
    const { data, errors } = await ask(subgraph.url, user(), `{ it: ${text} }`)
    return errors ? errors[0]?.extensions.code : (data as unknown as { it: string }).it
  }
  expect(await one('decimal(of: "12345678901234567890.10")')).toBe('12345678901234567890.1')
  expect(await one('decimal(of: 0.1)')).toBe('0.1')
  expect(await one('moment(of: "2026-03-01T09:00:00+01:00")')).toBe('2026-03-01T08:00:00.000Z')
  expect(await one('day(of: "2024-02-29")')).toBe('2024-02-29')
  for (const wrong of [
    'decimal(of: "1,5")',
    'decimal(of: true)',
    'moment(of: "2026-03-01T09:00:00")',
    'moment(of: "2026-13-01T09:00:00Z")',
    'day(of: "2026-02-30")',
  ])
    expect(await one(wrong), wrong).toMatch(/^(GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT)$/)
})
