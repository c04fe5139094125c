import type { StateEvent } from '#events/feed.ts'
import { event } from '#schema/events.ts'
import { summaryOf } from '../domain/enrichment.ts'
import { movedFindings, toldOf } from '../domain/findings.ts'
import { profileOf } from '../domain/profile.ts'
import { enrichmentsAfter } from '../store/enrichments.ts'
import { findingsAfter } from '../store/findings.ts'
import { scoresAfter } from '../store/health.ts'
import { asTransaction } from '../store/transaction.ts'

const PAGE = 1000

/** Every score of one organisation and everything found beside, as the events that last told of it: for a sibling that starts anew. */
export const tellState = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  yield* scores(tx, orgId)
  yield* findings(tx, orgId)
  yield* summaries(tx, orgId)
}

const scores = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for (let after = ''; ; ) {
    const page = await scoresAfter(asTransaction(tx), orgId, after, PAGE)
    for (const { customerId, score, confidence, dimensions, asOf } of page) {
      const told = { customerId, score, previousScore: null, confidence, asOf: asOf.toISOString() }
      yield { ...event('insights.health.changed', customerId, told), occurredAt: asOf }
      const known = dimensions.filter((side) => side.score !== null)
      const fields = profileOf(known, asOf)
      if (fields)
        yield { ...event('insights.profile.changed', customerId, { customerId, fields }), occurredAt: asOf }
    }
    const last = page.at(-1)
    if (!last) return
    after = last.customerId
  }
}

const findings = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for (let after = ''; ; ) {
    const page = await findingsAfter(asTransaction(tx), orgId, after, PAGE)
    for (const { customerId, values, asOf } of page) {
      const fields = toldOf(movedFindings({}, values), {}, values, asOf)
      if (fields)
        yield { ...event('insights.profile.changed', customerId, { customerId, fields }), occurredAt: asOf }
    }
    const last = page.at(-1)
    if (!last) return
    after = last.customerId
  }
}

const summaries = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for (let after = ''; ; ) {
    const page = await enrichmentsAfter(asTransaction(tx), orgId, after, PAGE)
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
    const last = page.at(-1)
    if (!last) return
    after = last.customerId
  }
}
