import { type BillingAccount, DEFAULT_ANCHOR, Universe } from '#connectors/demo/index.ts'
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
      ? insist(signal, () => fillTelephony(client, config.demoCompanies, signal))
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
