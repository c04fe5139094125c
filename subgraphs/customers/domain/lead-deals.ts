/**
 * Deals for promising leads: a company's lead score that reaches OPENS_AT opens one. It opens no other before the score has been
 * below LAYS_BELOW, so that a score that moves about the threshold opens one deal and not one each time.
 */
const OPENS_AT = 70
const LAYS_BELOW = 60

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
    ({ id, score, hasOpenDeal }) => score !== null && score >= OPENS_AT && !hasOpenDeal && !stands(id),
  ),
  lays: leads.filter(({ id, score }) => (score === null || score < LAYS_BELOW) && stands(id)),
})
