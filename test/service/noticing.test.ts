import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Reading } from '#db/reading.ts'
import { TestClock } from '#kernel/clock.ts'
import { headersOf, inSteps, isPast, noticing, today } from '#service/noticing.ts'

const NAMES = { of: async () => ['hub.keys'] } as never

/** What is told of an answer that a table went into, and what `run` does. */
const told = async (clock: TestClock, run: () => unknown) => {
  const reading = new Reading()
  reading.relations.add(20_000)
  await reading.during(async () => run())
  return headersOf(reading, NAMES, clock)
}

describe('an answer', () => {
  const clock = new TestClock('2026-03-01T08:00:00Z')

  it('holds until its tables are touched, where only they went in', async () => {
    expect(await told(clock, () => undefined)).toEqual({ 'x-hub-read': 'hub.keys' })
  })

  it('holds for a moment only when the time went in', async () => {
    expect(await told(clock, () => noticing(clock).now())).toEqual({
      'x-hub-read': 'hub.keys',
      'x-hub-holds': '200',
    })
  })

  it('holds until the moment that it hangs on, and for good when that has passed', async () => {
    const at = (time: string) => told(clock, () => isPast(noticing(clock), new Date(time)))
    expect(await at('2026-03-01T08:00:05Z')).toMatchObject({ 'x-hub-holds': '5000' })
    expect(await at('2026-03-01T07:59:00Z')).toEqual({ 'x-hub-read': 'hub.keys' })
  })

  it('holds for the rest of the day or the step of a clock that it hangs on', async () => {
    const seen: string[] = []
    const hour = () => seen.push(inSteps(noticing(clock), 3_600_000).toISOString())
    expect(await told(clock, () => seen.push(today(noticing(clock)).toISOString()))).toMatchObject({
      'x-hub-holds': String(16 * 3_600_000),
    })
    expect(await told(clock, hour)).toMatchObject({ 'x-hub-holds': '3600000' })
    expect(seen).toEqual(['2026-03-01T00:00:00.000Z', '2026-03-01T08:00:00.000Z'])
  })

  it('is told without what it was made from when another system was asked, whichever way', async () => {
    const server = createServer((_, response) => response.end('x'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { request } = await import('node:http')
    expect(await told(clock, async () => (await fetch(url)).text())).toEqual({})
    const asked = () =>
      new Promise((resolve) => {
        request(url, (response) => response.resume().once('end', resolve)).end()
      })
    expect(await told(clock, asked)).toEqual({})
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  it('is told without it when no table went in: what a process holds may change unseen', async () => {
    expect(await headersOf(new Reading(), NAMES, clock)).toEqual({})
  })
})
