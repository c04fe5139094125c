import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { startWholeHub, type WholeHub } from '#test/kit/whole-hub.ts'
import { mixOperations } from './mixed.ts'

const HUB_TIMEOUT_MS = 120_000
const OPERATIONS = 1_500
const ROUNDS = 5
const TOLD_WITHIN_MS = 250

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
    },
    HUB_TIMEOUT_MS,
  )

  it(
    'show what was changed although the connection is cut by which a part hears what is touched, again and again',
    async () => {
      const token = await hub.token()
      const [ask, askFresh] = [asking(hub.url, token), asking(fresh, token)]
      const [{ id }] = JSON.parse(await ask('Trunks', { first: 1 })).data.trunks.nodes
      for (let round = 0; round < ROUNDS; round++) {
        const name = `cut ${round}`
        await ask('Trunk', { id })
        await session(hub.databases.telephony.adminUrl, (client) =>
          client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tributary listener'`,
          ),
        )
        await askFresh('ChangeTrunk', { id, changes: { name } })
        await wait(TOLD_WITHIN_MS)
        expect(JSON.parse(await ask('Trunk', { id })).data.trunk.name).toBe(name)
      }
    },
    HUB_TIMEOUT_MS,
  )

  it('show at once what was changed by way of the same gateway', async () => {
    const ask = asking(hub.url, await hub.token())
    const [{ id }] = JSON.parse(await ask('Trunks', { first: 1 })).data.trunks.nodes
    for (let round = 0; round < ROUNDS; round++) {
      const name = `own ${round}`
      await ask('Trunk', { id })
      await ask('ChangeTrunk', { id, changes: { name } })
      expect(JSON.parse(await ask('Trunk', { id })).data.trunk.name).toBe(name)
    }
  })

  it('are for whoever asked alone: others are answered by their own rights and organisation', async () => {
    const keys = async (role: string, org?: string) => {
      const ask = asking(hub.url, await hub.token(role, org))
      await ask('ApiKeys', {})
      return JSON.parse(await ask('ApiKeys', {}))
    }
    expect((await keys('admin')).data.apiKeys.length).toBeGreaterThan(0)
    expect((await keys('admin', 'empty')).data.apiKeys).toEqual([])
    expect((await keys('readonly')).errors?.[0].extensions.code).toBe('FORBIDDEN')
  })
})
