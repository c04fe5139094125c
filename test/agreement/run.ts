/** Lets an organisation live through thousands of random facts while insights is killed again and again, and compares what it then keeps. */
import { learnFromPurchasesOf } from '#subgraphs/insights/commands/learn-buying.ts'
import { learnWhoLeft } from '#subgraphs/insights/commands/learn-churn.ts'
import { takeEvents } from '#subgraphs/insights/commands/take-events.ts'
import { PART_ADVICE, takeSupplyRisks } from '#subgraphs/insights/commands/take-supply-risks.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { chance, DAY, NOW, pick } from '#test/insights/facts.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { checkColumns, checkContributions, checkHistory, checkRecompute, checkTold } from './checks.ts'
import { decideOnSome, setSettings } from './deciding.ts'
import { type Compared, compareFromNothing } from './from-nothing.ts'
import { type KilledHub, startKilledHub } from './hub.ts'
import { Life } from './life.ts'
import { checkWithdrawals } from './withdrawing.ts'

export interface Wanted {
  seed: number
  /** Events and facts at least. */
  events: number
  kills: number
  customers: number
  /** How often all comes to rest, and only time passes, up to twenty days. */
  rests: number
  /** How often everything is compared, the last time at the end. */
  checks: number
  /** Facts that are taken away at each of them, to see what that moves. */
  withdrawals: number
  /** Says how far it is. */
  isLong?: boolean
}

/** What happened, in figures, and what was not as it has to be. */
export interface Report {
  figures: Record<string, number>
  differences: string[]
}

const MOST_IN_A_BATCH = 60
const HOUR = 3_600_000
const SENT = 30

export const liveAndCompare = async (
  { seed, events, kills, customers, rests, checks, withdrawals }: Wanted,
  progress?: (line: string) => void,
): Promise<Report> => {
  const random = chance(seed)
  const life = new Life(random, { customers, now: NOW })
  await using hub = await startKilledHub(life.customers, NOW)
  const clock = { now: () => hub.now() }
  const began = performance.now()
  const did = { twice: 0, decisions: 0, settings: 0, learned: 0, rests: 0 }
  const total = { rows: 0, withdrawn: 0, moved: 0 }
  const differences: string[] = []
  const note = (where: string, { rows, differences: found }: Compared) => {
    total.rows += rows
    differences.push(...found.map((each) => `after ${life.told} events, ${where}: ${each}`))
  }
  const compare = async () => {
    await hub.settled()
    const parked = await hub.bed.rows<{ name: string; reason: string }>('select * from events.parked')
    note('parked', { rows: 0, differences: parked.map((row) => JSON.stringify(row)) })
    note('from nothing', await compareFromNothing(hub.bed, life, random))
    note('contributions', await checkContributions(hub.bed))
    note('history', await checkHistory(hub.bed))
    note('told', await checkTold(hub.bed, hub.told))
    note('columns', await checkColumns(hub))
    note('recomputed', await checkRecompute(hub))
    const taken = await checkWithdrawals(hub, life, random, withdrawals)
    note('withdrawn', taken)
    total.withdrawn += taken.rows
    total.moved += taken.moved
  }
  let checked = 0
  while (life.told < events) {
    const words = Array.from({ length: 1 + Math.floor(random() * MOST_IN_A_BATCH) }, () => life.next()).flat()
    // What came twice, comes as often with the same place in the log as with another.
    await hub.tell(random() < 0.1 ? [...words, ...words.slice(-3)] : words)
    life.pass(random() ** 2 * 2 * HOUR)
    hub.setTime(life.now)
    if (random() < 0.05) did.twice += await again(hub, random)
    if (random() < 0.08) await sendSome(hub, life)
    if (random() < 0.15) did.decisions += await decideOnSome(hub, random)
    if (random() < 0.02) did.settings += await setSettings(hub, random)
    if (hub.kills.count < (kills * life.told) / events) await hub.kill(hub.kills.count % 2)
    if (life.told >= (events * (did.rests + 1)) / (rests + 1)) {
      await hub.settled()
      did.rests++
      progress?.(`${life.told} of ${events} events, ${hub.kills.count} kills`)
      // Time alone.
      life.pass(random() ** 2 * 20 * DAY)
      hub.setTime(life.now)
      if (await learnFromPurchasesOf(DEMO, { database: hub.bed.database, clock })) did.learned++
      if (await learnWhoLeft(hub.bed.database, { orgId: DEMO, clock })) did.learned++
    }
    if (life.told >= (events * (checked + 1)) / checks) {
      checked++
      await compare()
      progress?.(`compared: ${differences.length} differences ${differences.slice(0, 20).join('\n')}`)
    }
  }
  const seconds = (performance.now() - began) / 1000
  const [{ n: transactions } = { n: 0 }] = await hub.bed.rows<{ n: number }>(
    'select xact_commit::int as n from pg_stat_database where datname = current_database()',
  )
  const [{ n: scored } = { n: 0 }] = await hub.bed.rows<{ n: number }>(
    'select count(*)::int as n from insights.health',
  )
  return {
    figures: {
      ...{ events: life.told, 'kill -9': hub.kills.count, customers: scored },
      ...{ 'days that passed': Math.round((life.now.getTime() - NOW.getTime()) / DAY), ...did },
      ...{ 'events told': hub.told.events, transactions, seconds: Math.round(seconds) },
      ...{
        checks: checked,
        'rows compared': total.rows,
        withdrawn: total.withdrawn,
        'of these moved a score': total.moved,
      },
      differences: differences.length,
    },
    differences,
  }
}

/** Has a stretch of a log applied once more, beside whoever follows it. @returns how many events that were */
const again = async (hub: KilledHub, random: () => number): Promise<number> => {
  const source = pick(random, ['customers', 'inventory', 'telephony'] as const)
  const events = await hub.stretch(source, random(), 1 + Math.floor(random() * 50))
  const facts = events.filter(({ name }) => name !== PART_ADVICE)
  const advice = events.filter(({ name }) => name === PART_ADVICE)
  await hub.bed.database.transaction(DEMO, async (raw) => {
    const tx = asTransaction(raw)
    await takeEvents(tx, DEMO, source, facts, hub.now())
    await takeSupplyRisks(tx, DEMO, advice, hub.now())
  })
  return events.length
}

const INGEST = `mutation ($signals: [SignalInput!]!) { ingestSignals(signals: $signals) { ... on SignalsIngested { accepted known refused { index code } } ... on Refusal { code message } } }`

/** Sends facts as platforms do: what is refused because nobody knows the account yet is sent again later, until it is taken. */
const sendSome = async (hub: KilledHub, life: Life): Promise<void> => {
  let left = life.send(SENT)
  for (const sent of left) life.wasTaken(sent)
  while (left.length > 0) {
    const { data, errors } = await hub.ask(INGEST, { signals: left })
    const refused = data?.ingestSignals?.refused as { index: number; code: string }[] | undefined
    if (errors || !refused || refused.some(({ code }) => code !== 'UNKNOWN_ACCOUNT'))
      throw new Error(`not taken: ${JSON.stringify(errors ?? data)}`)
    left = refused.map(({ index }) => left[index]!)
    if (left.length > 0) await hub.settled()
  }
}
