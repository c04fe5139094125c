import type { LoggedEvent } from '#events/log.ts'
import { readEvent } from '#schema/events.ts'
import { asTransaction } from '../store/transaction.ts'
import { setTimeZone } from '../store/usage.ts'

/** Remembers in which time zone an organisation's days begin and end, as hub says. */
export const takeOrganisations = async (
  tx: object,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const last = events.at(-1)
  if (!last) return
  const { timeZone } = readEvent('hub.organisation.changed', last.version, last.payload)
  await setTimeZone(asTransaction(tx), orgId, timeZone)
}
