/**
 * From which lead score on somebody should call, and below which that is over. Between the two it stays as it was, so that a score that moves
 * about one of them is told once. Insights says by them who is qualified, and customers opens deals by them.
 */
export const QUALIFIES_AT = 70
export const COOLS_BELOW = 60
