import { forgettingHistory } from '#service/clock-jobs.ts'
import { forgetHistory } from '#sync/retention.ts'

/** Forgets what syncs of a connection did longer ago than it is kept. */
export const forgetOldHistory = forgettingHistory((database, ...rest) =>
  forgetHistory(database as never, ...rest),
)
