import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, it } from 'vitest'
import { closingOf } from '#service/closing.ts'

it('answers what is under way, and does not wait for who is connected and asks nothing', {
  timeout: 30_000,
}, async () => {
  const app = Fastify({ forceCloseConnections: 'idle' })
  const close = closingOf(app)
  const asked = Promise.withResolvers<void>()
  app.get('/slow', async () => {
    asked.resolve()
    await setTimeout(700)
    return 'an answer'
  })
  await app.listen({ port: 0 })
  const { port } = app.server.address() as AddressInfo
  const silent = connect(port, '127.0.0.1')
  await once(silent, 'connect')
  const gone = once(silent.resume(), 'close')
  const answer = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text())
  await asked.promise
  await close()
  expect(await answer).toBe('an answer')
  await gone
})
