import type { StateEvent } from '#events/feed.ts'
import { event } from '#schema/events.ts'
import { pagesOf } from '#service/pages.ts'
import { summaryOf } from '../domain/enrichment.ts'
import { movedFindings, toldOf } from '../domain/findings.ts'
import { settingsChanged, tellToDo } from '../domain/telling.ts'
import { enrichmentsAfter } from '../store/enrichments.ts'
import { findingsAfter } from '../store/findings.ts'
import { scoresAfter } from '../store/health.ts'
import { noticedCustomers } from '../store/insight-pages.ts'
import { newestInsights } from '../store/insights.ts'
import { heldSettings } from '../store/settings.ts'
import { asTransaction } from '../store/transaction.ts'

const PAGE = 1000

/**
 * By what one organisation judges its customers, every score, everything found beside and what is to be done, as the events that last told
 * of it: for a sibling that starts anew.
 */
export const tellState = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  yield* settings(tx, orgId)
  yield* scores(tx, orgId)
  yield* findings(tx, orgId)
  yield* summaries(tx, orgId)
  yield* toDo(tx, orgId)
}

/** Nothing while nobody has changed them: then they are as whoever asks has them. */
const settings = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  const held = await heldSettings(asTransaction(tx), orgId)
  if (held.changedAt !== null) yield { ...settingsChanged(held, held.changedAt), occurredAt: held.changedAt }
}

const behind = <T extends { customerId: string }>(read: (after: string) => Promise<readonly T[]>) =>
  pagesOf(read, ({ customerId }) => customerId)

const scores = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for await (const page of behind((after) => scoresAfter(asTransaction(tx), orgId, after, PAGE)))
    for (const { customerId, score, confidence, trend, asOf } of page) {
      const told = { customerId, score, previousScore: null, confidence, trend, asOf: asOf.toISOString() }
      yield { ...event('insights.health.changed', customerId, told), occurredAt: asOf }
    }
}

const findings = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for await (const page of behind((after) => findingsAfter(asTransaction(tx), orgId, after, PAGE)))
    for (const { customerId, values, asOf } of page) {
      const fields = toldOf(movedFindings({}, values), {}, values, asOf)
      if (fields)
        yield { ...event('insights.profile.changed', customerId, { customerId, fields }), occurredAt: asOf }
    }
}

const summaries = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for await (const page of behind((after) => enrichmentsAfter(asTransaction(tx), orgId, after, PAGE)))
    for (const { customerId, document, madeAt } of page) {
      const summary = {
        value: summaryOf(document),
        confidence: document.confidence,
        asOf: madeAt.toISOString(),
      }
      if (summary.value !== '')
        yield {
          ...event('insights.profile.changed', customerId, { customerId, fields: { summary } }),
          occurredAt: madeAt,
        }
    }
}

const toDo = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  const noticed = (after: string) => noticedCustomers(asTransaction(tx), orgId, after, PAGE)
  for await (const page of pagesOf(noticed, (customerId) => customerId)) {
    const held = await newestInsights(asTransaction(tx), orgId, page)
    for (const customerId of page) {
      const newest = held.get(customerId) ?? []
      const occurredAt = newest.reduce((last, { asOf }) => (asOf > last ? asOf : last), new Date(0))
      for (const told of tellToDo(customerId, newest, occurredAt)) yield { ...told, occurredAt }
    }
  }
}
