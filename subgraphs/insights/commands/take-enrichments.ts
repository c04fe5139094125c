import { createHash } from 'node:crypto'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { type Claim, claimsOf, kindsClaimed } from '../domain/claims.ts'
import {
  type Company,
  type Heard,
  METHOD,
  type OutsideProvider,
  type Question,
} from '../domain/enrichment.ts'
import { costOf, dayOf, granted, nextDay, type Prices } from '../domain/enrichment-budget.ts'
import type { EnrichmentSettings } from '../domain/enrichment-settings.ts'
import { type Known, knownAt } from '../domain/facts.ts'
import { MOST_SENTENCES } from '../domain/grounding.ts'
import { DAY } from '../domain/measuring.ts'
import { settingsOf } from '../domain/settings.ts'
import { domainsOfCompanies } from '../store/domains.ts'
import { type CachedAnswer, cachedAnswers } from '../store/enrichment-cache.ts'
import { addToDay, lockDay } from '../store/enrichment-days.ts'
import {
  countEnded,
  markPaid,
  organisationsWithTurns,
  type Turn,
  takeTurn,
} from '../store/enrichment-queue.ts'
import { enrichmentsOf, type KeptEnrichment } from '../store/enrichments.ts'
import { lastScores } from '../store/health.ts'
import { heldSettings } from '../store/settings.ts'
import { signalsOf } from '../store/signals.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/** Who can be asked by this process, and what a call costs at most. */
export interface Reachable {
  providers: readonly OutsideProvider[]
  /** The language model's name. */
  model: string | null
  prices: Prices
}

/** A question with its hash, by which its answer is kept. */
export interface Asking {
  question: Question
  hash: string
}

/** A customer to be written about, with everything that is needed for it. */
export interface EnrichmentTask {
  turn: Turn
  claims: readonly Claim[]
  confidence: string
  inputHash: string
  before: KeptEnrichment | null
  /** Whether everything is as it was when it was last written: then it is not written again. */
  isSame: boolean
  /** What is known without asking: kept answers, and refusals. */
  heard: readonly Heard[]
  /** What somebody is to be asked. It is paid for. */
  asks: readonly Asking[]
}

/** Tasks of one organisation, taken together. */
export interface Taken {
  takenBy: string
  settings: EnrichmentSettings
  model: string | null
  tasks: readonly EnrichmentTask[]
}

/** Whoever has not brought a turn back by then must have died: calls end after two seconds. */
export const TURN_MS = 30_000
const MINUTE = 60_000

/**
 * Takes turns of one organisation, up to `limit`, and pays for the calls that they need: what is answered already is not asked again, and
 * what the budget does not have is refused. A constant number of statements. Safe to run from several processes at once.
 * @returns null when it is nobody's turn
 */
export const takeEnrichments = async (
  transaction: object,
  orgId: string,
  { clock, limit, reachable }: { clock: Clock; limit: number; reachable: Reachable },
): Promise<Taken | null> => {
  const tx = asTransaction(transaction)
  const now = clock.now()
  const { enrichment: settings } = settingsOf((await heldSettings(tx, orgId)).document)
  const most = settings.mostPerMinute
  const background = settings.automatic
    ? most - (await countEnded(tx, orgId, new Date(now.getTime() - MINUTE), most))
    : 0
  const takenBy = newId(clock)
  const until = new Date(now.getTime() + TURN_MS)
  const turns = await takeTurn(tx, orgId, { now, until, takenBy, limit, background })
  if (turns.length === 0) return null
  const since = new Date(now.getTime() - settings.refreshDays * DAY)
  const prepared = await prepare(tx, orgId, turns, { settings, reachable, since, now })
  const wanted = prepared.flatMap(({ wanted }) => wanted)
  const kept = new Map(
    (
      await cachedAnswers(
        tx,
        orgId,
        wanted.map(({ question, hash }) => ({ provider: question.provider, inputHash: hash })),
        since,
      )
    ).map((one) => [`${one.provider} ${one.inputHash}`, one]),
  )
  const isKept = ({ question, hash }: Asking) => kept.has(`${question.provider} ${hash}`)
  const asked = prepared.map((one) => ({
    ...one,
    unanswered: one.wanted.filter((asking) => !isKept(asking)),
  }))
  const allowed = await pay(tx, orgId, asked, { settings, prices: reachable.prices, now })
  const tasks = asked.map(({ task, wanted, unanswered }): EnrichmentTask => {
    const asks = unanswered.filter((asking) => allowed(task.turn, asking.question.provider))
    const heard = wanted
      .filter(isKept)
      .map(({ question, hash }) => heardOf(kept.get(`${question.provider} ${hash}`)!))
    const spent = unanswered
      .filter((asking) => !asks.includes(asking))
      .map(({ question }) => refused(question.provider, 'ENRICHMENT_BUDGET_SPENT', nextDay(now)))
    return { ...task, asks, heard: [...task.heard, ...heard, ...spent] }
  })
  return { takenBy, settings, model: reachable.model, tasks }
}

/** Organisations in which it is somebody's turn. Asked as relay, across organisations. */
export const organisationsToEnrich = (tx: object, now: Date): Promise<string[]> =>
  organisationsWithTurns(asTransaction(tx), now)

type Prepared = { task: Omit<EnrichmentTask, 'asks'>; wanted: readonly Asking[] }

/** Reads what is known of customers, and works out what has to be asked. */
const prepare = async (
  tx: Transaction,
  orgId: string,
  turns: readonly Turn[],
  around: { settings: EnrichmentSettings; reachable: Reachable; since: Date; now: Date },
): Promise<Prepared[]> => {
  const ids = turns.map((turn) => turn.customerId)
  const scores = await lastScores(tx, orgId, ids)
  const signals = await signalsOf(tx, orgId, ids, kindsClaimed)
  const companies = await domainsOfCompanies(tx, orgId, ids)
  const written = await enrichmentsOf(tx, orgId, ids)
  return turns.map((turn): Prepared => {
    const { customerId } = turn
    const judged = scores.get(customerId) ?? null
    const known = knownAt(signals.get(customerId), around.now)
    const claims = claimsOf(known, judged)
    const company = companyOf(known, companies.get(customerId))
    const { wanted, heard } = questionsOf(turn, claims, company, around)
    const inputHash = hashOf({ method: METHOD, claims, asked: wanted.map(({ hash }) => hash) })
    const before = written.get(customerId) ?? null
    const isSame =
      before !== null &&
      !turn.isAsked &&
      before.inputHash === inputHash &&
      before.checkedAt > around.since &&
      before.document.refused.length === heard.length
    const task = { turn, claims, confidence: judged?.confidence ?? '0.00', inputHash, before, isSame, heard }
    return { task, wanted: isSame ? [] : wanted }
  })
}

/** What may be told of a company to those who are asked about it: neither names nor numbers. Null where no web domain is known. */
const companyOf = (
  known: Known,
  found: { companyId: string; domain: string } | undefined,
): Company | null => {
  if (found === undefined) return null
  const said = known.facts('company').find(({ recordId }) => recordId === found.companyId)
  return { domain: found.domain, industry: said?.details?.industry ?? null }
}

/** Whom to ask what, of those that may be asked about this customer; and who cannot be asked. */
const questionsOf = (
  turn: Turn,
  claims: readonly Claim[],
  company: Company | null,
  { settings, reachable }: { settings: EnrichmentSettings; reachable: Reachable },
): { wanted: Asking[]; heard: Heard[] } => {
  const wanted: Asking[] = []
  const heard: Heard[] = []
  for (const provider of settings.providers) {
    if (turn.providers !== null && !turn.providers.includes(provider)) continue
    if (!reachable.providers.includes(provider)) heard.push(refused(provider, 'ENRICHMENT_NOT_CONFIGURED'))
    else if (provider === 'RESEARCH' && company === null)
      heard.push(refused(provider, 'ENRICHMENT_NO_DOMAIN'))
    else if (provider === 'RESEARCH') wanted.push(asking({ provider, company: company! }, null))
    else if (claims.length > 0) {
      const said = claims.slice(0, MOST_SENTENCES).map(({ key, text }) => ({ key, text }))
      wanted.push(asking({ provider, claims: said }, reachable.model))
    }
  }
  return { wanted, heard }
}

const asking = (question: Question, model: string | null): Asking => ({
  question,
  hash: hashOf({ model, question }),
})

const refused = (provider: OutsideProvider, code: string, againAt: Date | null = null): Heard => ({
  provider,
  refusal: { provider, code, againAt: againAt?.toISOString() ?? null },
})

const heardOf = ({ provider, answer }: CachedAnswer): Heard => ({ provider, ...(answer as object) }) as Heard

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/**
 * Counts calls and what they cost, before they are made; a call that a process which died had paid for is not paid for again.
 * @returns whether a call of a turn may be made
 */
const pay = async (
  tx: Transaction,
  orgId: string,
  asked: readonly { task: Pick<EnrichmentTask, 'turn'>; unanswered: readonly Asking[] }[],
  { settings, prices, now }: { settings: EnrichmentSettings; prices: Prices; now: Date },
): Promise<(turn: Turn, provider: OutsideProvider) => boolean> => {
  const due = asked
    .flatMap(({ task, unanswered }) =>
      unanswered.map(({ question }) => ({ turn: task.turn, provider: question.provider })),
    )
    .filter(({ turn, provider }) => !turn.paid.includes(provider))
    .sort((a, b) => Number(b.turn.isAsked) - Number(a.turn.isAsked))
  const paid = new Map<string, OutsideProvider[]>(
    asked.map(({ task: { turn } }) => [turn.customerId, [...turn.paid]]),
  )
  if (due.length > 0) {
    const day = dayOf(now)
    const spent = await lockDay(tx, orgId, day)
    const wanted = settings.providers.map((provider) => ({
      provider,
      calls: due.filter((one) => one.provider === provider).length,
    }))
    const allowed = granted(wanted, spent, settings, prices)
    await addToDay(
      tx,
      orgId,
      day,
      [...allowed].map(([provider, calls]) => ({ provider, calls, cost: costOf(prices[provider], calls) })),
    )
    for (const { turn, provider } of due) {
      const left = allowed.get(provider) ?? 0
      if (left === 0) continue
      allowed.set(provider, left - 1)
      paid.get(turn.customerId)!.push(provider)
    }
    await markPaid(
      tx,
      orgId,
      due.map(({ turn }) => ({ customerId: turn.customerId, paid: paid.get(turn.customerId)! })),
    )
  }
  return (turn, provider) => paid.get(turn.customerId)?.includes(provider) ?? false
}
