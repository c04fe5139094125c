import type { EnrichmentSettings } from '../domain/enrichment-settings.ts'
import type { HealthMemory } from '../domain/health.ts'
import { CHANGED_PRIORITY, want, wantAll, wantNone } from '../store/enrichment-queue.ts'
import type { Transaction } from '../store/transaction.ts'

/** A customer that was judged, as far as it says whether there is something new to write about it. */
export interface JudgedAnew {
  customerId: string
  /** Whether a fact of it has changed, and not only the time. */
  isChanged: boolean
  was: Pick<HealthMemory, 'score'> | undefined
  is: { score: number | null }
}

// A score that creeps with silence is no news day by day.
const STEP = 10
const step = (score: string | number | null): number | null =>
  score === null ? null : Math.floor(Number(score) / STEP)

/**
 * Has those written about of whom something new is known, where the organisation wants that.
 * At most two statements; none for organisations that have not switched it on.
 */
export const wantEnrichment = async (
  tx: Transaction,
  orgId: string,
  { automatic }: EnrichmentSettings,
  judged: readonly JudgedAnew[],
  at: Date,
): Promise<void> => {
  if (!automatic) return
  const news = judged.filter(
    ({ isChanged, was, is }) => isChanged || was === undefined || step(was.score) !== step(is.score),
  )
  const wanted = { priority: CHANGED_PRIORITY, isAsked: false, providers: null }
  await want(
    tx,
    orgId,
    news.map(({ customerId }) => ({ customerId, ...wanted })),
    at,
  )
}

/** Follows a change of the settings: all customers are written about, or nobody any more by itself. */
export const followAutomatic = async (
  tx: Transaction,
  orgId: string,
  was: EnrichmentSettings,
  is: EnrichmentSettings,
  at: Date,
): Promise<void> => {
  if (is.automatic && !was.automatic) await wantAll(tx, orgId, at)
  if (!is.automatic && was.automatic) await wantNone(tx, orgId)
}
