import type { Clock } from '#kernel/clock.ts'
import { isRead } from '../domain/assess.ts'
import { firstMonthKept, monthsOf } from '../domain/months.ts'
import { newest } from '../domain/newest.ts'
import {
  isDay,
  isSentRefusal,
  type NamedAccount,
  readSent,
  type SentDay,
  type SentRecord,
  type SentRefusal,
} from '../domain/sent-signals.ts'
import { lockGrouping, touchByAccount } from '../store/customers.ts'
import { accountsKnown, type OwnAccount, ownersOfDomains } from '../store/domains.ts'
import { heldDays, heldWords, lockIngestion } from '../store/ingestion.ts'
import { callScoring } from '../store/news.ts'
import { keepDays } from '../store/series.ts'
import { keepWords, type Word } from '../store/signals.ts'
import type { Transaction } from '../store/transaction.ts'

/** A fact as it was sent, at a place of whatever it was sent in. */
export interface SentSignal {
  index: number
  told: unknown
}

/** What became of facts that were sent. */
export interface TakenSignals {
  accepted: number
  /** Known already, or older than what is known. */
  known: number
  refused: ({ index: number } & SentRefusal)[]
}

/** Who tells of what is sent, in the place of a sibling's log. */
export const INGESTION = 'ingestion'

type Located<T> = T & { owner: OwnAccount }

/**
 * Takes facts over that were sent, in the caller's transaction, and marks the customers concerned as to be scored anew: at most eleven
 * statements however many there are. Of each record and day the word that was observed last counts, however often and in whatever order
 * words come; of words observed at the same moment the first that came.
 */
export const takeSignals = async (
  tx: Transaction,
  { orgId, clock }: { orgId: string; clock: Clock },
  sent: readonly SentSignal[],
): Promise<TakenSignals> => {
  const now = clock.now()
  const refused: TakenSignals['refused'] = []
  const read: { index: number; fact: SentRecord | SentDay }[] = []
  for (const { index, told } of sent) {
    const fact = readSent(told, now)
    if (isSentRefusal(fact)) refused.push({ index, ...fact })
    else read.push({ index, fact })
  }
  // Accounts are looked up, and customers marked, while nobody moves accounts from one customer to another.
  await lockGrouping(tx, orgId, 'facts')
  await lockIngestion(tx, orgId)
  const locate = await locating(
    tx,
    orgId,
    read.map(({ fact }) => fact.account),
  )
  const [records, days]: [Located<SentRecord>[], Located<SentDay>[]] = [[], []]
  for (const { index, fact } of read) {
    const owner = locate(fact.account)
    if ('code' in owner) refused.push({ index, ...owner })
    else if (isDay(fact)) days.push({ ...fact, owner })
    else records.push({ ...fact, owner })
  }
  const taken = await takeRecords(tx, orgId, records, now)
  const lived = await takeDays(tx, orgId, days, now)
  const concerned = [...taken.concerned, ...lived.concerned].filter(({ kind }) => isRead(kind))
  await touchByAccount(tx, orgId, concerned, now)
  await callScoring(tx)
  const accepted = taken.accepted + lived.accepted
  const known = records.length + days.length - accepted
  return { accepted, known, refused: refused.sort((a, b) => a.index - b.index) }
}

const NO_ACCOUNT: SentRefusal = {
  code: 'UNKNOWN_ACCOUNT',
  message: 'No customer has this account or web domain.',
}
const SEVERAL: SentRefusal = {
  code: 'AMBIGUOUS_ACCOUNT',
  message: 'Several customers have this web domain: name the account by system and id.',
}

/** Looks up whose these accounts are: two statements for all. */
const locating = async (tx: Transaction, orgId: string, named: readonly NamedAccount[]) => {
  const keyOf = ({ system, accountId }: OwnAccount) => `${system} ${accountId}`
  const accounts = named.flatMap((one) => ('domain' in one ? [] : [one]))
  const asked = [...new Map(accounts.map((one) => [keyOf(one), one])).values()]
  const known = new Set((await accountsKnown(tx, orgId, asked)).map(keyOf))
  const domains = [...new Set(named.flatMap((one) => ('domain' in one ? [one.domain] : [])))]
  const owners = new Map((await ownersOfDomains(tx, orgId, domains)).map((one) => [one.domain, one]))
  return (one: NamedAccount): OwnAccount | SentRefusal => {
    if (!('domain' in one)) return known.has(keyOf(one)) ? one : NO_ACCOUNT
    const owner = owners.get(one.domain)
    if (!owner) return NO_ACCOUNT
    return owner.customers > 1 ? SEVERAL : { system: owner.system, accountId: owner.accountId }
  }
}

const wordOf = ({ owner, said, ...sent }: Located<SentRecord>): Word => {
  const { system, kind, recordId, observedAt } = sent
  const its = { system, accountSystem: owner.system, accountId: owner.accountId, kind, recordId }
  const signal = said && { ...its, ...said, endedAt: null, observedAt }
  return { system, kind, recordId, signal, source: INGESTION, sourcePos: observedAt.getTime() }
}

const takeRecords = async (
  tx: Transaction,
  orgId: string,
  records: readonly Located<SentRecord>[],
  now: Date,
) => {
  const keyOf = ({ system, kind, recordId }: Pick<Word, 'system' | 'kind' | 'recordId'>) =>
    `${system} ${kind} ${recordId}`
  // Of equals the first: as if they had come one after the other.
  const words = newest(records.map(wordOf).reverse(), keyOf, ({ sourcePos }) => sourcePos)
  const held = new Map((await heldWords(tx, orgId, words)).map((one) => [keyOf(one), one.sourcePos]))
  const news = words.filter((word) => word.sourcePos > (held.get(keyOf(word)) ?? -1))
  return { accepted: news.length, concerned: await keepWords(tx, orgId, news, now) }
}

const takeDays = async (tx: Transaction, orgId: string, sent: readonly Located<SentDay>[], now: Date) => {
  const words = sent.map(({ owner, account: _, ...day }) => ({
    ...day,
    ...{ accountSystem: owner.system, accountId: owner.accountId },
    ...{ source: INGESTION, sourcePos: day.observedAt.getTime() },
  }))
  const keyOf = (
    one: Omit<(typeof words)[number], 'amount' | 'unit' | 'source' | 'observedAt' | 'sourcePos'>,
  ) => [one.accountSystem, one.accountId, one.kind, one.system, one.day].join('\n')
  const last = newest([...words].reverse(), keyOf, ({ sourcePos }) => sourcePos)
  const held = new Map((await heldDays(tx, orgId, last)).map((one) => [keyOf(one), one.sourcePos]))
  const news = last.filter((word) => word.sourcePos > (held.get(keyOf(word)) ?? -1))
  return { accepted: news.length, concerned: await keepDays(tx, orgId, monthsOf(news), firstMonthKept(now)) }
}
