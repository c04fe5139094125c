import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from '#gateway/client.ts'
import { systemClock } from '#kernel/clock.ts'
import { type RunningHub, startHub } from '#test/kit/hub.ts'
import { adminUrl } from '#test/kit/postgres.ts'
import { until } from '#test/kit/until.ts'
import { billByPlans, fillTelephony } from '../../demo.ts'

const COMPANIES = 40
const stack = new AsyncDisposableStack()
/** One process with everything, and one per role, customers even with its API apart from its work. */
let whole: RunningHub
let split: RunningHub
const ROLES = [
  'gateway',
  'customers --api',
  'customers --worker',
  'inventory',
  'telephony',
  'insights',
  'hub',
  'simulators',
]

beforeAll(async () => {
  const databaseUrl = adminUrl()
  whole = stack.use(await startHub({ databaseUrl, companies: COMPANIES }))
  split = stack.use(await startHub({ databaseUrl, companies: COMPANIES, roles: ROLES }))
  // The demo fills WARP where everything is one command; here the split hub gets the same accounts.
  const client = openClient({ url: split.url, token: () => split.token() })
  const { signal } = new AbortController()
  await fillTelephony(client, COMPANIES, signal)
  await billByPlans(client, COMPANIES, { clock: systemClock, signal })
  await Promise.all([whole.synced(), split.synced()])
})
afterAll(() => stack.disposeAsync())

const QUESTIONS: Record<string, string> = {
  customers: `{ customers(first: 100) { totalCount nodes { name domain industry
    contacts(first: 20) { nodes { email firstName lastName } } tickets(first: 20) { nodes { subject } }
    deals(first: 20) { nodes { name stageLabel amount { amount currency } } } } } }`,
  'requests for prices': `{ rfqs(first: 100) { nodes { number status c3RfqId } } }`,
  'what runs on the telephone network': `{ customers(first: 100) { nodes { name
    billingAccounts { ban domain tier mrr { amount currency } } trunks(first: 20) { nodes { name status } } } } }`,
  health: `{ customers(first: 100) { nodes { name health { score confidence } } } }`,
  viewer: `{ viewer { name roles scopes organisation { name } } }`,
}

/** Lists in one order, whatever order both hubs met the records in. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sorted(inner)]))
  return value
}

describe('roles in processes of their own', () => {
  for (const [what, query] of Object.entries(QUESTIONS))
    it(`answer the same as one process with everything: ${what}`, async () => {
      const answers = async () => [await whole.ask(query), await split.ask(query)] as const
      const [one, other] = await until(
        async () => {
          const [a, b] = await answers()
          return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) && ([a, b] as const)
        },
        // Well before the test's own limit, or its end would tell nothing of what differs.
        { timeoutMs: 40_000, everyMs: 300 },
      ).catch(answers)
      expect(one.errors, whole.output()).toBeUndefined()
      expect(other.errors, split.output()).toBeUndefined()
      expect(sorted(other), split.output()).toEqual(sorted(one))
      expect(JSON.stringify(one).length).toBeGreaterThan(60)
    })
})
