import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type C3, type C3Options, openC3 } from '#connectors/c3/index.ts'
import { answerMisfits, requestMisfits } from '#connectors/c3/simulator/contract.ts'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { memoryLimiter } from '#connectors/limiter.ts'
import type { Clock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { controlOf } from '#test/kit/simulator.ts'
import { type PausingClock, steppedClock } from '../hubspot-connector/stepped-clock.ts'

/** A client of whatever answers at an address as C3 does. */
export const clientOf = (
  baseUrl: string,
  clock: Clock,
  pause: NonNullable<C3Options['pause']>,
  options: Partial<C3Options> = {},
): C3 =>
  openC3({
    ...{ baseUrl, apiKey: DEMO_API_KEY, limiter: memoryLimiter({ clock, pause }), clock, pause },
    ...{ log: openLog('test', 'silent'), random: () => 0.5 },
    ...options,
  })

/** A C3 of 60 companies, 1,800 rows of stock, and a client of it, on one clock that goes on only while nothing works. */
export const startC3 = async ({
  clock = steppedClock(),
  ...options
}: Partial<C3Options> & { clock?: PausingClock } = {}) => {
  const simulator = await startC3Simulator({ port: 0, companies: 60, seed: 7, clock })
  const c3 = clientOf(simulator.url, clock, clock.pause, options)
  return {
    c3,
    url: simulator.url,
    sim: controlOf(simulator.url),
    clock,
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  }
}

/** Something that was said and is not in the promise. */
export interface Breach {
  operation: string
  said: 'request' | 'answer'
  misfits: string[]
}

/** Stands between a client and a C3, passes everything on, and compares both with `openapi.yaml`. */
export const startWitness = async (target: string) => {
  const breaches: Breach[] = []
  const operations = new Set<string>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const { method = '', url = '' } = request
    const path = url.split('?')[0]!
    const note = (said: Breach['said'], misfits: string[]) => {
      if (misfits.length > 0) breaches.push({ operation: `${method} ${path}`, said, misfits })
    }
    const answer = await fetch(target + url, {
      method,
      headers: { 'x-api-key': String(request.headers['x-api-key']), 'content-type': 'application/json' },
      ...(body ? { body } : {}),
    })
    const text = await answer.text()
    operations.add(`${method} ${path} ${answer.status}`)
    if (body && answer.ok) note('request', requestMisfits(path, method, JSON.parse(body)))
    if (answer.status !== 204) note('answer', answerMisfits(path, method, answer.status, JSON.parse(text)))
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(text)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breaches,
    operations,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
