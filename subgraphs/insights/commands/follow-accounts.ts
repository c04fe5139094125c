import { event } from '#schema/events.ts'
import type { Memories } from '../domain/assess.ts'
import { summaryOf } from '../domain/enrichment.ts'
import { isWord, type Regained, regain, takeOver } from '../domain/regaining.ts'
import { type Due, touchCustomers } from '../store/customers.ts'
import { putTurns, turnRowsOf } from '../store/enrichment-queue.ts'
import { dropEnrichments, enrichmentsOf, type KeptEnrichment, saveEnrichments } from '../store/enrichments.ts'
import {
  type FormerJudgement,
  type Merged,
  mergedInto,
  setAside,
  standAgain,
  takeBack,
} from '../store/former-judgements.ts'
import { undoScores } from '../store/health.ts'
import { type InsightRow, insightsById } from '../store/insights.ts'
import { callScoring } from '../store/news.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Remembered, remembered, takenOverAs } from './keep-insights.ts'
import type { Told } from './keeper.ts'

/** What was thought of a customer, as it is set aside. */
interface Judgement extends Partial<Memories> {
  enrichment?: KeptEnrichment | undefined
  /** How far its turn to be written about was, as its row has it. */
  turn?: object | undefined
}

/** What customers are judged by that have other accounts than they were judged by the last time. */
export interface Followed {
  /** What assessors remember of a customer instead of what they found last; absent where they go on from that. */
  memories: ReadonlyMap<string, Partial<Memories>>
  told: readonly Told[]
}

/**
 * Follows customers whose accounts have changed: what was thought of them by those they had is set aside, and what was thought by those they
 * have again is taken back; so a link that is undone leaves nothing behind. Who takes in a merged customer's accounts takes over what
 * people decided of it. Nothing is asked when nothing has changed, and a constant number of statements however many have.
 * @param held what stands of each of them
 */
export const followAccounts = async (
  tx: Transaction,
  orgId: string,
  due: readonly Due[],
  held: (customerId: string) => Partial<Memories>,
  now: Date,
): Promise<Followed> => {
  const moved = due.filter(
    ({ accounts, judgedAccounts }) => judgedAccounts !== null && accounts !== judgedAccounts,
  )
  const leaving = moved.filter(({ judgedAccounts }) => judgedAccounts !== '')
  const gone = leaving.filter(({ isAlive }) => !isAlive)
  const written = await writtenOf(tx, orgId, leaving)
  await park(tx, orgId, leaving, held, written, now)
  const told = await forgetWritten(tx, orgId, gone, written, now)
  const survivors = await survivorsOf(tx, orgId, moved, held, now)
  const changed = due.filter(({ customerId, isAlive, isChanged, hasFormer }) => {
    const hasTaken = newestOf(held(customerId)).some(({ takenFrom }) => takenFrom !== null)
    return isAlive && (survivors.has(customerId) || (isChanged && (hasFormer || hasTaken)))
  })
  if (changed.length === 0) return { memories: new Map(), told }
  const looks = changed.map(({ customerId, accounts, judgedAccounts }) => ({
    ...{ customerId, accounts, wasGone: judgedAccounts === '' },
  }))
  const former = await takeBack<Judgement>(tx, orgId, looks, now)
  told.push(...(await writeAgain(tx, orgId, changed, former, now)))
  await undoScores(tx, orgId, scoresMeanwhile(changed, former))
  return { memories: await goingOn(tx, orgId, changed, former, held, now), told }
}

/** What is written about customers, and how far their turns are. */
interface Written {
  texts: ReadonlyMap<string, KeptEnrichment>
  turns: ReadonlyMap<string, object>
}

const NOTHING: Written = { texts: new Map(), turns: new Map() }

const writtenOf = async (tx: Transaction, orgId: string, leaving: readonly Due[]): Promise<Written> => {
  const ids = leaving.map(({ customerId }) => customerId)
  if (ids.length === 0) return NOTHING
  return { texts: await enrichmentsOf(tx, orgId, ids), turns: await turnRowsOf(tx, orgId, ids) }
}

const park = async (
  tx: Transaction,
  orgId: string,
  leaving: readonly Due[],
  held: (customerId: string) => Partial<Memories>,
  { texts, turns }: Written,
  at: Date,
): Promise<void> => {
  const former = leaving.map(({ customerId, judgedAccounts, mergedInto }): FormerJudgement<Judgement> => {
    const memories = held(customerId)
    const judgement = { ...memories, enrichment: texts.get(customerId), turn: turns.get(customerId) }
    return { customerId, accounts: judgedAccounts!, mergedInto, setAsideAt: at, judgement }
  })
  if (former.length > 0) await setAside(tx, orgId, former)
}

/** What was written about who is nobody any more is no more to be read. */
const forgetWritten = async (
  tx: Transaction,
  orgId: string,
  gone: readonly Due[],
  { texts }: Written,
  at: Date,
): Promise<Told[]> => {
  await dropEnrichments(
    tx,
    orgId,
    gone.map(({ customerId }) => customerId),
  )
  return gone.flatMap(({ customerId }) => summaryChanged(customerId, texts.get(customerId), undefined, at))
}

/**
 * Into whom customers were merged of whom somebody decided something, or that stand for themselves again: they are judged anew, whoever
 * holds them, since they take that over or give it up.
 */
const survivorsOf = async (
  tx: Transaction,
  orgId: string,
  moved: readonly Due[],
  held: (customerId: string) => Partial<Memories>,
  at: Date,
): Promise<ReadonlySet<string>> => {
  const merged = moved.flatMap(({ customerId, mergedInto }) =>
    newestOf(held(customerId)).some(isWord) ? (mergedInto ?? []) : [],
  )
  const risen = moved
    .filter(({ judgedAccounts }) => judgedAccounts === '')
    .map(({ customerId }) => customerId)
  const left = risen.length > 0 ? await standAgain(tx, orgId, risen) : []
  const survivors = new Set([...merged, ...left])
  if (survivors.size === 0) return survivors
  await touchCustomers(tx, orgId, [...survivors], at)
  await callScoring(tx)
  return survivors
}

/** What was written about customers by the accounts that they have again. */
const writeAgain = async (
  tx: Transaction,
  orgId: string,
  changed: readonly Due[],
  former: ReadonlyMap<string, FormerJudgement<Judgement>>,
  at: Date,
): Promise<Told[]> => {
  const back = changed.flatMap(({ customerId, judgedAccounts }) => {
    const one = former.get(customerId)?.judgement
    return one ? [{ customerId, ...one, wasGone: judgedAccounts === '' }] : []
  })
  if (back.length === 0) return []
  const ids = back.map(({ customerId }) => customerId)
  const texts = await enrichmentsOf(tx, orgId, ids)
  const texted = back.map((one) => ({ ...one, is: texts.get(one.customerId) }))
  const other = texted.filter(({ enrichment, is }) => enrichment?.inputHash !== is?.inputHash)
  await saveEnrichments(
    tx,
    orgId,
    other.flatMap(({ enrichment }) => (enrichment ? [enrichment] : [])),
  )
  await dropEnrichments(
    tx,
    orgId,
    other.flatMap(({ customerId, enrichment }) => (enrichment ? [] : [customerId])),
  )
  await putTurns(
    tx,
    back.flatMap(({ turn, wasGone }) => (turn && wasGone ? [turn] : [])),
  )
  return other.flatMap(({ customerId, enrichment, is }) => summaryChanged(customerId, is, enrichment, at))
}

const summaryChanged = (
  customerId: string,
  was: KeptEnrichment | undefined,
  is: KeptEnrichment | undefined,
  at: Date,
): Told[] => {
  const [before, after] = [was, is].map((one) => (one ? summaryOf(one.document) : ''))
  if (before === after) return []
  const confidence = is?.document.confidence ?? '0.00'
  const summary = { value: after === '' ? null : after!, confidence, asOf: at.toISOString() }
  return [event('insights.profile.changed', customerId, { customerId, fields: { summary } })]
}

/** Whose scores were others' as well for a while, and since when. */
const scoresMeanwhile = (
  changed: readonly Due[],
  former: ReadonlyMap<string, FormerJudgement<Judgement>>,
): { customerId: string; since: Date }[] =>
  changed.flatMap(({ customerId }) => {
    const since = former.get(customerId)?.judgement.health?.asOf
    return since ? [{ customerId, since: new Date(since) }] : []
  })

const goingOn = async (
  tx: Transaction,
  orgId: string,
  changed: readonly Due[],
  former: ReadonlyMap<string, FormerJudgement<Judgement>>,
  held: (customerId: string) => Partial<Memories>,
  at: Date,
): Promise<Map<string, Partial<Memories>>> => {
  const words = await mergedInto<Judgement>(
    tx,
    orgId,
    changed.map(({ customerId }) => customerId),
  )
  const formerRows = new Map([...former].map(([id, one]) => [id, rowsOf(one)]))
  const ids = [...formerRows.values()].flat().map(({ insightId }) => insightId)
  const present = ids.length === 0 ? new Map<string, InsightRow>() : await insightsById(tx, orgId, ids)
  return new Map(
    changed.flatMap(({ customerId, judgedAccounts }) => {
      const one = former.get(customerId)
      const own = held(customerId)
      const since = judgedAccounts === '' ? null : (one?.setAsideAt ?? null)
      const stands = newestOf(own)
      const regained = one
        ? regain(stands, formerRows.get(customerId)!, present, { since, at })
        : { newest: [...stands], undone: [] }
      const merged = words.get(customerId) ?? []
      const insights = withWords(regained, merged, { orgId, customerId, at })
      const isAsHeld = !one && insights.undone.length === 0 && insights.newest.length === stands.length
      if (isAsHeld) return []
      const memory = {
        ...own,
        ...(one ? dated(one.judgement) : {}),
        insights: { ...remembered(insights.newest), undone: insights.undone, known: present },
      }
      return [[customerId, memory as Partial<Memories>] as const]
    }),
  )
}

/** Takes over the words of who is merged into a customer, and gives up those of who is not any more. */
const withWords = (
  { newest, undone }: Regained<InsightRow>,
  merged: readonly Merged<Judgement>[],
  place: { orgId: string; customerId: string; at: Date },
): Regained<InsightRow> => {
  const from = new Set(merged.map(({ customerId }) => customerId))
  const isAstray = ({ takenFrom }: InsightRow) => takenFrom !== null && !from.has(takenFrom)
  const words = merged.flatMap((one) => rowsOf(one).map((word) => ({ word, since: one.since })))
  const own = newest.filter((row) => !isAstray(row))
  const over = takeOver(own, words, place.at)
  return {
    newest: over.newest.map((row) => (row.customerId === place.customerId ? row : takenOverAs(row, place))),
    undone: [...undone, ...newest.filter(isAstray), ...over.undone],
  }
}

const newestOf = ({ insights }: Partial<Memories>): readonly InsightRow[] =>
  (insights as Remembered | undefined)?.newest ?? []

const dateOf = (at: Date | null): Date | null => (at === null ? null : new Date(at))

/** Insights as they were set aside: in JSON times are texts. */
const rowsOf = ({ judgement }: FormerJudgement<Judgement>): InsightRow[] =>
  newestOf(judgement).map((row) => ({
    ...row,
    ...{ raisedAt: new Date(row.raisedAt), asOf: new Date(row.asOf) },
    ...{
      decidedAt: dateOf(row.decidedAt),
      dismissedAt: dateOf(row.dismissedAt),
      validUntil: dateOf(row.validUntil),
    },
  }))

const dated = ({ health, findings }: Judgement): Partial<Memories> => ({
  ...(health ? { health: { ...health, asOf: new Date(health.asOf) } } : {}),
  ...(findings ? { findings: { ...findings, asOf: new Date(findings.asOf) } } : {}),
})
