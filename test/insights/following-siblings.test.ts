import { expect, it } from 'vitest'
import type { DB as TelephonyDB } from '#db/generated/telephony.ts'
import { readSnapshot } from '#events/feed-client.ts'
import { systemClock } from '#kernel/clock.ts'
import { principalSeal } from '#kernel/principal.ts'
import { event } from '#schema/events.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { testDatabase } from '#test/kit/postgres.ts'
import {
  askSubgraph,
  DEMO,
  EMPTY,
  NO_SIBLINGS,
  principal,
  SHARED_SECRET,
  startWith,
} from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { subscribe } from '#test/service/graph.ts'
import { insightsBed } from './bed.ts'
import { startSiblingFeed } from './sibling-feed.ts'
import { says } from './world.ts'

const seal = principalSeal(SHARED_SECRET, systemClock)

/** Insights beside the real telephony and customers' feed. */
const start = async () => {
  const stack = new AsyncDisposableStack()
  const customers = stack.use(await startSiblingFeed('customers', seal))
  const telephonyDatabase = stack.use(await testDatabase<TelephonyDB>('telephony'))
  const telephony = stack.use(
    await startTelephony(
      startWith(telephonyDatabase.urls, { siblings: { ...NO_SIBLINGS, customers: customers.url } }),
    ),
  )
  const bed = stack.use(await insightsBed())
  const siblings = { ...NO_SIBLINGS, customers: customers.url, telephony: telephony.url! }
  const run = () => startInsights(startWith(bed.test.urls, { siblings }))
  return { customers, telephony, bed, run, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

let hosts = 0
/** No two trunks of an organisation share an address. */
const address = () => `198.51.100.${++hosts}`

const openAccount = async (url: string | null, ban: string, orgId = DEMO) => {
  const { data } = await askSubgraph(
    url,
    'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename } }',
    {
      input: {
        ban,
        name: `Account ${ban}`,
        mrr: '1000',
        trunks: [{ name: 'Main', ipAddresses: [address()], concurrentCalls: 10, monthlyMinutes: 100 }],
      },
    },
    principal(orgId),
  )
  expect(data.createBillingAccount.__typename).toBe('BillingAccountCreated')
}
interface Health {
  score: string | null
  recomputing: boolean
  contributions: { metric: string; value: string; sources: string[] }[]
}
const health = async (url: string | null, id: string, identityVersion: number, orgId = DEMO) => {
  const { data } = await askSubgraph(
    url,
    'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { health { score confidence recomputing asOf contributions { metric value sources } } } } }',
    { of: [{ __typename: 'Customer', id, identityVersion }] },
    principal(orgId),
  )
  return data._entities[0].health as Health
}
const settled = (url: string | null, id: string, version: number) =>
  until(async () => {
    const found = await health(url, id, version)
    return found.recomputing ? undefined : found
  })

it('follows customers and telephony from their beginnings, through a stop, and pushes what moved', async () => {
  await using hub = await start()
  const identity = (version: number, ...accounts: string[]) =>
    event('customers.identity.changed', 'one', says.identity('one', version, accounts))
  await hub.customers.tell(DEMO, [
    identity(1, 'HUBSPOT:company', 'WARP:W-1'),
    event('customers.company.changed', 'company', says.company('company')),
  ])
  await openAccount(hub.telephony.url, 'W-1')
  await openAccount(hub.telephony.url, 'W-1', EMPTY)
  {
    await using insights = await hub.run()
    const metrics = async () => (await settled(insights.url, 'one', 1)).contributions.map((c) => c.metric)
    await until(
      async () => (await metrics()).includes('activeTrunks') && (await metrics()).includes('lifecycleStage'),
    )
    const [log] = await hub.bed.rows<{ head: number }>('select pos::int as head from events.head')
    await using pushed = subscribe(
      insights.url!,
      await seal.sign(principal()),
      'subscription ($after: Cursor) { healthChanged(after: $after) { score contributions { metric value } } }',
      // Whenever it comes to listen, it hears of what happens from here on.
      { after: cursorAt(log!.head) },
    )
    const input = { name: 'Second', ipAddresses: [address()], concurrentCalls: 1, monthlyMinutes: 1 }
    const { data } = await askSubgraph(
      hub.telephony.url,
      'mutation ($input: TrunkInput!) { createTrunk(ban: "W-1", input: $input) { __typename } }',
      { input },
    )
    expect(data.createTrunk.__typename).toBe('TrunkCreated')
    // The trunk is counted, and who listens hears of it.
    await until(() =>
      pushed.results.some((result) => {
        const told = result.data as { healthChanged: Health } | null | undefined
        return told?.healthChanged.contributions.some(
          ({ metric, value }) => metric === 'activeTrunks' && Number(value) === 2,
        )
      }),
    )
  }
  // While nobody follows, an account is linked, another gets its facts, and the company goes.
  await openAccount(hub.telephony.url, 'W-2')
  await hub.customers.tell(DEMO, [
    identity(2, 'WARP:W-1', 'WARP:W-2'),
    event('customers.company.changed', 'company', says.company('company', { deleted: true })),
  ])
  await using insights = await hub.run()
  const after = await until(async () => {
    const found = await settled(insights.url, 'one', 2)
    const revenue = found.contributions.find((c) => c.metric === 'monthlyRevenue')
    return Number(revenue?.value) === 2000 ? found : undefined
  })
  expect(after.contributions.flatMap((c) => c.sources)).not.toContain('HUBSPOT')
  // Its billing account has the same number, and is somebody else's.
  expect(await health(insights.url, 'one', 1, EMPTY)).toMatchObject({ score: null, contributions: [] })
})

it('gives a sibling that starts anew every score there is', async () => {
  await using hub = await start()
  await hub.customers.tell(
    DEMO,
    Array.from({ length: 30 }, (_, i) =>
      event('customers.identity.changed', `c-${i}`, says.identity(`c-${i}`, 1, [`HUBSPOT:h-${i}`])),
    ),
  )
  // Of the last ten nothing is known.
  await hub.customers.tell(
    DEMO,
    Array.from({ length: 20 }, (_, i) =>
      event('customers.company.changed', `h-${i}`, says.company(`h-${i}`)),
    ),
  )
  await using insights = await hub.run()
  const scored = async () =>
    [...(await hub.bed.scores(DEMO)).values()].filter(({ score }) => score !== null).length
  await until(async () => (await scored()) === 20 && (await hub.bed.unscored()) === 0)
  const feed = { url: insights.url!, source: 'insights', reader: 'test', seal }
  for (const name of ['insights.health.changed', 'insights.profile.changed']) {
    const told: unknown[] = []
    for await (const { events } of readSnapshot(feed, [name], AbortSignal.timeout(30_000)))
      told.push(...events.map((e) => (e.payload as { customerId: string }).customerId))
    expect(told.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `c-${i}`).sort())
  }
})
