import { afterAll, beforeAll } from 'vitest'
import { type NatsServer, noNats, startNatsServer } from '#test/kit/nats.ts'

/** How a log comes to those who follow it: read from its feed, or from the stream that it is copied to. */
export const WAYS = noNats ? (['feed'] as const) : (['feed', 'NATS'] as const)
export type Way = (typeof WAYS)[number]

/** One NATS server for the tests of a file; nothing where the way does not need it. */
export const natsFor = (way: Way): (() => NatsServer | undefined) => {
  let server: NatsServer | undefined
  beforeAll(async () => {
    if (way === 'NATS') server = await startNatsServer()
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })
  return () => server
}
