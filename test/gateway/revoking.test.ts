import { afterAll, beforeAll, expect, it } from 'vitest'
import { publish } from '#events/outbox.ts'
import type { RunningGateway } from '#gateway/index.ts'
import { event } from '#schema/events.ts'
import { run } from '#test/hub/hub.ts'
import { subscribe } from '#test/kit/gateway.ts'
import { DEMO } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'
import { type HubBehind, startHubBehind, whoAmI } from './hub-behind.ts'

let behind: HubBehind
let gateway: RunningGateway
beforeAll(async () => {
  behind = await startHubBehind()
  gateway = await behind.gateway()
})
afterAll(() => behind[Symbol.asyncDispose]())

const makeKey = async (): Promise<{ id: string; secret: string }> => {
  const { made } = await behind.run<{ made: { secret: string; apiKey: { id: string } } }>(
    'mutation { made: createApiKey(name: "open", scopes: ["sync:read"]) { ... on ApiKeyCreated { secret apiKey { id } } } }',
  )
  return { id: made.apiKey.id, secret: made.secret }
}
/** Something that everybody who follows the syncs of the organisation is told. */
const tell = (id: string) =>
  behind.hub.db.database.transaction(DEMO, (tx) =>
    publish(tx, DEMO, [event('hub.sync.progressed', id, run(id))], behind.clock.now()),
  )
const FOLLOW = 'subscription { syncEvents { id } }'

// The clock stands still: no look that is taken now and then helps.
it('fault 67: what a key has open is closed as soon as it is taken back, and is told of nothing after that', async () => {
  const [kept, taken] = [await makeKey(), await makeKey()]
  await using mine = subscribe(gateway.url, kept.secret, FOLLOW)
  await using theirs = subscribe(gateway.url, taken.secret, FOLLOW)
  await until(async () => {
    if (mine.results.length === 0 || theirs.results.length === 0) await tell('before')
    return mine.results.length > 0 && theirs.results.length > 0
  })
  await behind.run('mutation ($id: ID!) { revokeApiKey(id: $id) { __typename } }', { id: taken.id })
  await until(() => theirs.closed.length === 1)
  expect(theirs.closed[0]).toMatchObject({ code: 4401 })
  const told = theirs.results.length
  await tell('after')
  await until(() => JSON.stringify(mine.results).includes('after'))
  expect(theirs.results).toHaveLength(told)
  expect(mine.closed).toEqual([])
  expect((await whoAmI(gateway, taken.secret)).status).toBe(401)
})

it('a key whose rights are others now opens its socket anew, with those', async () => {
  const { id, secret } = await makeKey()
  await using client = subscribe(gateway.url, secret, FOLLOW)
  await until(async () => {
    if (client.results.length === 0) await tell('mine')
    return client.results.length > 0
  })
  await behind.run(
    'mutation ($id: ID!) { updateApiKey(id: $id, expectedVersion: 1, scopes: ["customers:read"]) { __typename } }',
    { id },
  )
  await until(() => client.closed.length === 1)
  expect(client.closed[0]).toMatchObject({ code: 4291 })
  await using again = subscribe(gateway.url, secret, FOLLOW)
  const refused = await until(
    () => [...again.results, ...again.failures].length > 0 && [...again.results, ...again.failures],
  )
  expect(JSON.stringify(refused)).toContain('FORBIDDEN')
})
