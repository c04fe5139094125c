import type { StateEvent } from '#events/feed.ts'
import { event } from '#schema/events.ts'
import { movedFindings, toldOf } from '../domain/findings.ts'
import { findingsAfter } from '../store/findings.ts'
import { scoresAfter } from '../store/health.ts'
import { asTransaction } from '../store/transaction.ts'

const PAGE = 1000

/** Every score of one organisation and everything found beside, as the events that last told of it: for a sibling that starts anew. */
export const tellState = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  yield* scores(tx, orgId)
  yield* findings(tx, orgId)
}

const scores = async function* (tx: object, orgId: string): AsyncGenerator<StateEvent> {
  for (let after = ''; ; ) {
    const page = await scoresAfter(asTransaction(tx), orgId, after, PAGE)
    for (const { customerId, score, confidence, asOf } of page) {
      const told = { customerId, score, previousScore: null, confidence, asOf: asOf.toISOString() }
      yield { ...event('insights.health.changed', customerId, told), occurredAt: asOf }
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
