import { COOLS_BELOW, QUALIFIES_AT } from '#schema/lead-thresholds.ts'

/**
 * Deals for promising leads: a company's lead score that reaches QUALIFIES_AT opens one. It opens no other before the score has been
 * below COOLS_BELOW, so that a score that moves about the threshold opens one deal and not one each time.
 */

/** A company as far as it can become a deal. */
export interface Lead {
  id: string
  score: number | null
  hasOpenDeal: boolean
}

/** Which leads open a deal now, and for which it may be opened again. @param stands whether a deal was opened and the score has stayed up */
export const judgeLeads = <T extends Lead>(
  leads: readonly T[],
  stands: (id: string) => boolean,
): { opens: T[]; lays: T[] } => ({
  opens: leads.filter(
    ({ id, score, hasOpenDeal }) => score !== null && score >= QUALIFIES_AT && !hasOpenDeal && !stands(id),
  ),
  lays: leads.filter(({ id, score }) => (score === null || score < COOLS_BELOW) && stands(id)),
})
