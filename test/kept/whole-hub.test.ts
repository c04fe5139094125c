import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'
import { mixOperations } from './mixed.ts'

const HUB_TIMEOUT_MS = 120_000
const OPERATIONS = 1_500

let hub: WholeHub
let fresh: string
beforeAll(async () => {
  hub = await startWholeHub({ keeps: { megabytes: 32 } })
  fresh = await hub.anotherGateway()
  await hub.synced()
}, HUB_TIMEOUT_MS)
afterAll(() => hub?.[Symbol.asyncDispose]())

const asking = (url: string, token: string) => async (operation: string, variables: object) => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ operationName: operation, variables }),
  })
  return response.text()
}

/** How many answers were given from what was kept. */
const keptAnswersOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^hub_kept_total\{what="answer",outcome="kept"\} (\d+)/m.exec(text)?.[1] ?? 0)
}

describe('answers that are kept', () => {
  it(
    'are what a gateway says that keeps none, whichever operations are asked while things change, and never older than 250 ms',
    async () => {
      const token = await hub.token()
      const mixed = await mixOperations({
        kept: asking(hub.url, token),
        fresh: asking(fresh, token),
        operations: OPERATIONS,
      })
      expect(mixed.differ).toEqual([])
      expect(mixed.stale).toBe(0)
      expect(mixed.asked).toBeGreaterThanOrEqual(OPERATIONS)
      expect(mixed.changed).toBeGreaterThan(20)
      expect(await keptAnswersOf(hub.url)).toBeGreaterThan(OPERATIONS / 20)
      console.log(mixed, await keptAnswersOf(hub.url))
    },
    HUB_TIMEOUT_MS,
  )
})
