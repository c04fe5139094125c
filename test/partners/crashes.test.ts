import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { startBed, startPartner, trunk } from './bed.ts'

const PROGRAM = fileURLToPath(new URL('./worker.ts', import.meta.url))
const RECORDS = 12
const EACH = 10

it('loses no event, doubles none but under its id, and keeps each record’s order, when the worker is killed in the middle', async () => {
  let kill: (() => void) | undefined
  await using partner = await startPartner(async () => {
    // In the middle of a batch: some were answered, some are under way.
    if ([15, 60, 110].includes(partner.taken.length)) kill?.()
    return undefined
  })
  await using bed = await startBed({ worker: false })
  await bed.make(partner.url)
  // Leases run out by the clock: each worker lives two minutes after the one before.
  const start = async (life: number) => {
    const now = bed.clock.now().getTime() + life * 120_000
    const child = fork(PROGRAM, [JSON.stringify([bed.hub.db.urls, bed.sibling.url, now])], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    kill = () => child.kill('SIGKILL')
    const exited = once(child, 'exit')
    await Promise.race([once(child.stdout!, 'data'), exited])
    return { child, exited }
  }
  let { child, exited } = await start(0)
  await using _ended = { [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') }
  await bed.follows()
  const told = Array.from({ length: RECORDS * EACH }, (_, n) =>
    trunk(`t-${n % RECORDS}`, { concurrentCalls: Math.floor(n / RECORDS) + 1 }),
  )
  for (let n = 0; n < told.length; n += 30) await bed.sibling.tell(told.slice(n, n + 30))
  let kills = 0
  const isDone = () => new Set(partner.taken.map(({ id }) => id)).size === told.length
  while (!isDone()) {
    const died = await Promise.race([
      exited.then(() => true),
      until(isDone, { timeoutMs: 60_000 }).then(() => false),
    ])
    if (!died) break
    ;({ child, exited } = await start(++kills))
  }
  expect(kills).toBe(3)
  // The first time that each id came, in the order in which they came.
  const first = [...new Map(partner.taken.toReversed().map((one) => [one.id, one])).values()].toReversed()
  expect(first).toHaveLength(told.length)
  for (let t = 0; t < RECORDS; t++) {
    const of = first.filter(({ data }) => data.trunkId === `t-${t}`)
    expect(of.map(({ data }) => data.concurrentCalls)).toEqual(Array.from({ length: EACH }, (_, n) => n + 1))
    const places = of.map(({ id }) => Number(id.split(':')[1]))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  }
  // What came twice was the same.
  expect(new Set(partner.taken.map(({ id, body }) => `${id} ${body}`)).size).toBe(told.length)
  expect(partner.taken.length).toBeGreaterThan(told.length)
})
