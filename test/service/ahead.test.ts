import { expect, it } from 'vitest'
import { fromLog, type SubscribableLog } from '#service/subscriptions.ts'
import { until } from '#test/kit/until.ts'
import { MemoryLog, ORG } from './graph.ts'

const NAMES = ['thing.changed']
const thing = (n: number) => ({ key: String(n), name: 'thing.changed', payload: {} })

/** A stream whose values are made when the test says so. */
const slow = async (events: number) => {
  const log = new MemoryLog()
  for (let n = 0; n < events; n++) log.add(thing(n))
  const asked: PromiseWithResolvers<string | null>[] = []
  const toValue = () => {
    const value = Promise.withResolvers<string | null>()
    asked.push(value)
    return value.promise
  }
  const ctx = { eventLog: log as unknown as SubscribableLog, orgId: ORG } as unknown as Parameters<
    typeof fromLog
  >[0]
  const after = Buffer.from('[0]').toString('base64url')
  const stream = await fromLog<string>(ctx, { names: NAMES, after, toValue })
  return { asked, iterator: stream[Symbol.asyncIterator]() }
}

it('begins a bounded number of values while the first is waited for, and gives them in the order of their events', async () => {
  const { asked, iterator } = await slow(100)
  const first = iterator.next()
  await until(() => asked.length >= 32)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(asked.length).toBeLessThanOrEqual(33)
  asked[1]!.resolve('second')
  asked[0]!.resolve('first')
  expect(await first).toMatchObject({ value: { value: 'first' } })
  expect(await iterator.next()).toMatchObject({ value: { value: 'second' } })
  await iterator.return?.()
})

it('tells of a value that could not be made in its turn, and not before', async () => {
  const { asked, iterator } = await slow(2)
  const first = iterator.next()
  await until(() => asked.length === 2)
  asked[1]!.reject(new Error('no value'))
  asked[0]!.resolve('first')
  expect(await first).toMatchObject({ value: { value: 'first' } })
  await expect(iterator.next()).rejects.toThrow('no value')
})
