import { idFrom } from '#kernel/ids.ts'
import { quoteOf, quoteOutcome } from '../domain/quotes.ts'
import type { RfqStatus } from '../domain/rfq.ts'
import { movedTo } from '../domain/rfq-history.ts'
import { keepQuotes } from '../store/quotes.ts'
import { noteHappenings } from '../store/rfq-history.ts'
import type { Transaction } from '../store/transaction.ts'

/** A request as it was just written. */
export interface WrittenRfq {
  id: string
  status: RfqStatus
  /** Undefined or null: it has not moved. */
  previous: RfqStatus | null
  isNew: boolean
  /** It was changed here, and not by C3. */
  isHere: boolean
  currency: string
  c3QuoteId: string | null
  /** JSON text. */
  lines: string
  observedAt: Date
}

/** Brings quotes and history of requests to where the requests stand: three statements for all. Whoever decides here notes that itself. */
export const noteStanding = async (
  tx: Transaction,
  orgId: string,
  rfqs: readonly WrittenRfq[],
): Promise<void> => {
  await keepQuotes(
    tx,
    orgId,
    rfqs.map(({ id, status, isHere, currency, c3QuoteId, lines, observedAt }) => ({
      ...{ rfqId: id, currency, number: c3QuoteId, outcome: quoteOutcome(status), at: observedAt },
      ...{ quote: quoteOf(JSON.parse(lines)), madeBy: isHere ? ('PERSON' as const) : ('C3' as const) },
    })),
  )
  const moved = rfqs.filter(({ previous, isNew, isHere }) => previous !== null && !isNew && !isHere)
  await noteHappenings(
    tx,
    orgId,
    moved.map(({ id, status, previous, observedAt: at }) => ({
      ...{ id: idFrom(orgId, id, 'moved to', status, at.toISOString()), rfqId: id, at },
      ...{ kind: movedTo(status), by: 'C3' as const, details: { previousStatus: previous ?? status } },
    })),
  )
}
