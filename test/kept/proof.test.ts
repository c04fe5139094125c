import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'graphql'
import { expect, it } from 'vitest'
import type { RequestContext } from '#gateway/execute.ts'
import { openKeptAnswers } from '#gateway/kept/answers.ts'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { principalSeal } from '#kernel/principal.ts'
import { contextOf } from '#test/execution/comparison.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const OPERATION = parse('query Keys { apiKeys { name } }').definitions[0]
const KNOWN = { operation: OPERATION, operationName: 'Keys', key: 'keys' } as never

/** A part that says what is touched in it when the test says so. */
const startPart = async () => {
  let write: (line: object) => void = () => undefined
  const server = createServer((_, response) => {
    response.writeHead(200)
    write = (line) => response.write(`${JSON.stringify(line)}\n`)
    write({ tables: ['hub.api_keys'] })
    const beat = setInterval(() => write({ told: true }), 20)
    response.once('close', () => clearInterval(beat))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tell: (line: object) => write(line),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** What was logged as errors. */
const collecting = () => {
  const said: object[] = []
  const log = openLog('test', 'silent')
  log.error = ((fields: object) => void said.push(fields)) as never
  return { log, said }
}

const open = async (hub: Awaited<ReturnType<typeof startPart>>, provedPercent: number) => {
  const { log, said } = collecting()
  const seal = principalSeal('a secret of the processes under test', systemClock)
  const kept = openKeptAnswers({ megabytes: 1, provedPercent }, { subgraphs: { hub: hub.url }, seal, log })
  const runs: number[] = []
  const context: RequestContext = { ...contextOf(), caller: { principal: principal() } as never }
  /** Answers the number of the run, or that of the one whose answer was kept. */
  const answer = async (): Promise<number> => {
    const result = await kept.answer(KNOWN, {}, context, async ({ keeping }) => {
      runs.push(runs.length + 1)
      const count = keeping?.countOf('hub') ?? 0
      keeping?.answered('hub', { tables: ['hub.api_keys'], holdsMs: Number.POSITIVE_INFINITY, count })
      return { data: { run: runs.length } }
    })
    const { data } = result.text ? JSON.parse(result.text) : result
    return data.run
  }
  // Kept from the moment on when it is heard what is touched.
  await until(async () => (await answer()) > 0 && kept.bytes > 0)
  return { kept, said, answer, [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose]() }
}

it('gives what is kept until the part tells that it was touched, and not while the part is not heard', async () => {
  await using hub = await startPart()
  await using answers = await open(hub, 0)
  const first = await answers.answer()
  expect(await answers.answer()).toBe(first)
  hub.tell({ touched: [`${principal().orgId} hub.api_keys`] })
  await until(async () => (await answers.answer()) === first + 1)
  expect(await answers.answer()).toBe(first + 1)
  await hub[Symbol.asyncDispose]()
  await until(async () => (await answers.answer()) > first + 1)
  const now = await answers.answer()
  expect(await answers.answer()).toBe(now + 1)
})

it('asks again where it is to be proved, and tells of an answer that is another one now though nothing was touched', async () => {
  await using hub = await startPart()
  await using answers = await open(hub, 100)
  const one = await answers.answer()
  expect(answers.said).toEqual([{ operation: 'Keys' }])
  // Who asked was given the fresh one.
  expect(await answers.answer()).toBe(one + 1)
})

it('takes no answer for wrong that was touched while it was compared', async () => {
  await using hub = await startPart()
  await using answers = await open(hub, 100)
  const telling = setInterval(() => hub.tell({ touched: [`${principal().orgId} hub.api_keys`] }), 10)
  await answers.answer()
  clearInterval(telling)
  expect(answers.said).toEqual([])
})
