import { forgettingHistory } from '#service/clock-jobs.ts'
import { forgetHistory } from '#sync/retention.ts'

/** Forgets what syncs of a connection did, and what requests said before, longer ago than it is kept. */
export const forgetOldHistory = forgettingHistory((database, place, at, options) =>
  forgetHistory(database as never, place, at, { ...options, also: [['inventory.rfq_versions', 'valid_to']] }),
)
