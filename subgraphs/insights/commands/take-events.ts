import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { isRead } from '../domain/assess.ts'
import { firstMonthKept, monthsOf } from '../domain/months.ts'
import { newest } from '../domain/newest.ts'
import { lockGrouping, regroup, touchByAccount } from '../store/customers.ts'
import { keepDomains } from '../store/domains.ts'
import { want } from '../store/enrichment-queue.ts'
import { forgetFormer } from '../store/former-facts.ts'
import { callScoring } from '../store/news.ts'
import { keepDays } from '../store/series.ts'
import { keepWords } from '../store/signals.ts'
import type { Transaction } from '../store/transaction.ts'
import { readDomain } from './read-domains.ts'
import { readDays, readFacts } from './read-facts.ts'

export const IDENTITY_CHANGED = 'customers.identity.changed'
export const ENRICHMENT_WANTED = 'customers.enrichment.wanted'
const PERSON_ERASED = 'customers.person.erased'

/**
 * Takes a batch of one organisation's events from one source: keeps and withdraws facts, regroups accounts, and marks the
 * customers concerned as to be scored anew. Events may come in any order and more than once: each record and each customer
 * is in the end what was said of it last. At most eight statements however long the batch is.
 */
export const takeEvents = async (
  tx: Transaction,
  orgId: string,
  source: string,
  events: readonly LoggedEvent[],
  now: Date,
): Promise<void> => {
  const identities = events
    .filter((e) => e.name === IDENTITY_CHANGED)
    .map((e) => readEvent(IDENTITY_CHANGED, e.version, e.payload))
  const wanted = events
    .filter((e) => e.name === ENRICHMENT_WANTED)
    .map((e) => readEvent(ENRICHMENT_WANTED, e.version, e.payload))
  const facts = events.filter((e) => e.name !== IDENTITY_CHANGED && e.name !== ENRICHMENT_WANTED)
  const words = facts.flatMap((e) => readFacts(e).map((word) => ({ ...word, source, sourcePos: e.pos })))
  const erasing = new Set(facts.filter((e) => e.name === PERSON_ERASED).map((e) => e.pos))
  const days = facts.flatMap((e) => readDays(e).map((day) => ({ ...day, source, sourcePos: e.pos })))
  const domains = facts.flatMap((e) => readDomain(e).map((said) => ({ ...said, sourcePos: e.pos })))

  await lockGrouping(tx, orgId, identities.length > 0 ? 'identities' : 'facts')
  const concerned = await keepWords(
    tx,
    orgId,
    newest(
      words,
      (word) => `${word.system} ${word.kind} ${word.recordId}`,
      (word) => word.sourcePos,
    ),
    now,
  )
  await forgetFormer(
    tx,
    orgId,
    words.filter((word) => erasing.has(word.sourcePos)),
  )
  const lived = await keepDays(tx, orgId, monthsOf(days), firstMonthKept(now))
  await keepDomains(
    tx,
    orgId,
    newest(
      domains,
      ({ accountSystem, accountId }) => `${accountSystem} ${accountId}`,
      ({ sourcePos }) => sourcePos,
    ),
  )
  await regroup(
    tx,
    orgId,
    newest(
      identities,
      (identity) => identity.customerId,
      (identity) => identity.identityVersion,
    ),
    now,
  )
  const read = [...concerned, ...lived].filter(({ kind }) => isRead(kind))
  await touchByAccount(tx, orgId, read, now)
  await want(
    tx,
    orgId,
    newest(
      wanted,
      (wish) => wish.customerId,
      (wish) => Date.parse(wish.observedAt),
    ).map(({ customerId, priority }) => ({ customerId, priority, isAsked: true, providers: null })),
    now,
  )
  await callScoring(tx)
}
