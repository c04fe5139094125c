import {
  type BillingAccount,
  DEFAULT_ANCHOR,
  DEMO_RATE_PLANS,
  type DemoRatePlan,
  Universe,
} from '#connectors/demo/index.ts'
import { type HubClient, openClient } from '#gateway/client.ts'
import type { Issuer } from '#gateway/identity/issuer.ts'
import { drawRun, hasEnded, openScreen } from '#gateway/progress.ts'
import { newestRuns } from '#gateway/sync.ts'
import { type Clock, sleep } from '#kernel/clock.ts'
import type { HubConfig } from './config.ts'

const ACCOUNTS_AT_ONCE = 100
const LOOK_EVERY_MS = 250
/** After so long without a run there is none to show: the data was there already. */
const NOTHING_TO_SHOW_MS = 5_000

/** What the demo does once the hub answers: says where things are, fills WARP, and shows the first sync. */
export const openDemo = (options: { config: HubConfig; issuer: Issuer; clock: Clock }): AsyncDisposable => {
  const { config, issuer, clock } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const token = () => issuer.issue({ role: 'admin', org: 'demo', seconds: 300 })
  const client = openClient({ url: config.gateway, token })
  const working = (async () => {
    await answers(config.gateway, signal)
    if (signal.aborted) return
    process.stdout.write(greeting(`http://localhost:${config.ports.gateway}`))
    // A real portal's customers are not mixed with made-up accounts.
    const filling = config.hubspot.simulated
      ? insist(signal, async () => {
          await fillTelephony(client, config.demoCompanies, signal)
          await billByPlans(client, config.demoCompanies, { clock, signal })
        })
      : undefined
    await Promise.all([filling, showRuns(client, clock, signal)])
  })().catch((error: unknown) => {
    if (!signal.aborted)
      process.stderr.write(`The demo stopped: ${error instanceof Error ? error.message : 'unknown reason'}\n`)
  })
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await working
    },
  }
}

/** Does it again while a part of the hub is away for a moment. */
const insist = async (signal: AbortSignal, run: () => Promise<void>): Promise<void> => {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt >= 20) throw error
      await sleep(LOOK_EVERY_MS * attempt, signal)
    }
  }
}

const greeting = (url: string): string => `
  Tributary runs.
    What is running    ${url}/
    GraphiQL           ${url}/graphiql
    A token            npm run -s token -- --role admin --org demo
    A first query      { customers(first: 5) { nodes { name contacts(first: 2) { nodes { email } } health { score } } } }
  Stop it with Ctrl-C; its data stays.

`

const answers = async (url: string, signal: AbortSignal): Promise<void> => {
  for (; !signal.aborted; await sleep(50, signal)) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
  }
}

type Imported = { importBillingAccounts: { created?: number; message?: string } }

/** Brings the demo world's WARP accounts over. Safe to repeat: known accounts are left as they are. */
export const fillTelephony = async (
  client: HubClient,
  companies: number,
  signal: AbortSignal,
): Promise<void> => {
  const universe = new Universe({
    seed: 7,
    companies,
    anchor: new Date(DEFAULT_ANCHOR),
  })
  let batch: object[] = []
  const send = async () => {
    if (batch.length > 0 && !signal.aborted)
      await client.run<Imported>('ImportBillingAccounts', { accounts: batch })
    batch = []
  }
  for (const index of universe.inWarp) {
    if (signal.aborted) return
    batch.push(inputOf(universe.billingAccount(index)))
    if (batch.length >= ACCOUNTS_AT_ONCE) await send()
  }
  await send()
}

type Made = { createRatePlan: { plan?: { id: string } } }
type Spend = { billingAccount: { ratePlan: object | null } | null }
/** So many accounts are billed by plans: enough to look at, and the demo starts no later for it. */
const BILLED_BY_PLANS = 24

/**
 * Makes the demo's rate plans and bills the first live accounts by them, each by the plan of its tier, from this month on. Safe to repeat:
 * what is there stays.
 */
export const billByPlans = async (
  client: HubClient,
  companies: number,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> => {
  const { ratePlans } = await client.run<{ ratePlans: { nodes: { id: string; name: string }[] } }>(
    'RatePlans',
    {},
  )
  const ids = new Map(ratePlans.nodes.map(({ id, name }) => [name, id]))
  for (const plan of DEMO_RATE_PLANS) {
    if (ids.has(plan.name) || signal.aborted) continue
    const made = await client.run<Made>('CreateRatePlan', { name: plan.name, terms: termsOf(plan) })
    if (!made.createRatePlan.plan) throw new Error(`the hub refuses the plan ${plan.name}`)
    ids.set(plan.name, made.createRatePlan.plan.id)
  }
  const planOf = new Map(DEMO_RATE_PLANS.map(({ tier, name }) => [tier, ids.get(name)]))
  const universe = new Universe({ seed: 7, companies, anchor: new Date(DEFAULT_ANCHOR) })
  const fromMonth = clock.now().toISOString().slice(0, 7)
  let left = BILLED_BY_PLANS
  for (const index of universe.inWarp) {
    if (signal.aborted || left === 0) return
    const { ban, tier, status } = universe.billingAccount(index)
    const planId = planOf.get(tier)
    if (status !== 'active' || !planId) continue
    left -= 1
    const { billingAccount } = await client.run<Spend>('AccountSpend', { ban })
    if (billingAccount?.ratePlan === null) await client.run('SetAccountRatePlan', { ban, planId, fromMonth })
  }
}

/** What a plan of the demo world says, in the words of the graph. */
const termsOf = ({
  monthlyFee,
  includedMinutes,
  minutes,
  manyMinutes,
  message,
  number,
}: DemoRatePlan): object => ({
  ...{ monthlyFee, includedMinutes, includedClasses: ['LOCAL', 'TOLLFREE'] },
  minutePrices: Object.entries(minutes).map(([of, price]) => ({
    class: of,
    steps: of === 'LOCAL' ? [{ upTo: manyMinutes.from, price }, { price: manyMinutes.price }] : [{ price }],
  })),
  messagePrices: Object.keys(minutes).map((of) => ({ class: of, steps: [{ price: message }] })),
  numberPrices: Object.entries(number).map(([type, price]) => ({ type: type.toUpperCase(), price })),
})

/** A billing account of the demo world in the words of the graph. */
const inputOf = (account: BillingAccount): object => {
  const nameOf = new Map(account.trunks.map((trunk) => [trunk.trunkId, trunk.name]))
  return {
    ban: account.ban,
    name: account.name,
    domain: account.domain,
    status: account.status.toUpperCase(),
    tier: account.tier.toUpperCase(),
    mrr: account.mrr,
    creditLimit: account.creditLimit,
    paymentTerms: account.paymentTerms,
    paymentStatus: account.paymentStatus.toUpperCase(),
    contractEnd: account.contractEnd,
    apiEnabled: account.api,
    smsEnabled: account.numbers.some(({ capabilities }) => capabilities.includes('sms')),
    trunks: account.trunks.map(({ name, ipAddresses, concurrentCalls, monthlyMinutes, codecs }) => ({
      name,
      ipAddresses,
      concurrentCalls,
      monthlyMinutes,
      codecs,
    })),
    numbers: account.numbers.map((number) => ({
      number: number.number,
      type: number.kind.toUpperCase(),
      capabilities: number.capabilities.map((capability) => capability.toUpperCase()),
      monthlyCost: number.monthlyCost,
      cnam: number.cnam,
      trunkName: number.trunkId ? nameOf.get(number.trunkId) : null,
    })),
  }
}

/** Draws the runs under way until all have ended. */
const showRuns = async (client: HubClient, clock: Clock, signal: AbortSignal): Promise<void> => {
  const screen = openScreen(process.stdout)
  const drawn = new Set<string>()
  for (let quietMs = 0; !signal.aborted && quietMs < NOTHING_TO_SHOW_MS; await sleep(LOOK_EVERY_MS, signal)) {
    // A part that is away for a moment is asked again; until then the last picture stays.
    const runs = await newestRuns(client, 10).catch(() => undefined)
    for (const run of runs ?? []) if (!hasEnded(run)) drawn.add(run.id)
    const mine = runs?.filter((run) => drawn.has(run.id)).sort((a, b) => a.system.localeCompare(b.system))
    if (drawn.size === 0) quietMs += LOOK_EVERY_MS
    if (!mine?.length) continue
    screen.show(mine.map((run) => drawRun(run, clock.now())))
    if (mine.every(hasEnded)) return
  }
}
