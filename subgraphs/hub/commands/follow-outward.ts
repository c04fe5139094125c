import type { LoggedEvent } from '#events/log.ts'
import type { Clock } from '#kernel/clock.ts'
import { heardFrom, markedIn, readOutward } from '../domain/outward.ts'
import { insertMessages, marksOf, takePlaces, upsertChanges, wantedEvents } from '../store/outward.ts'
import type { Transaction } from '../store/transaction.ts'

/** What hub hears from its siblings to tell others outside. */
export const HEARD_OUTWARD = {
  customers: heardFrom('customers'),
  inventory: heardFrom('inventory'),
  telephony: heardFrom('telephony'),
  insights: heardFrom('insights'),
} as const

/**
 * Notes what changed, and has partners' webhooks told of it: some statements, whatever the batch's length. Runs in the consumer's transaction:
 * what is noted and how far the sibling was heard are kept together or not at all.
 * @param isState the events are no news, but what is so now: the records changed, and nobody is told
 */
export const followOutward = async (
  tx: Transaction,
  { orgId, source, clock }: { orgId: string; source: string; clock: Clock },
  events: readonly LoggedEvent[],
  isState: boolean,
): Promise<void> => {
  const heard = events.map((event) => ({ ...event, source }))
  const marks = await marksOf(tx, orgId, markedIn(heard))
  const { changes, messages } = readOutward(heard, marks, isState)
  const wanted = messages.length > 0 ? await wantedEvents(tx, orgId) : new Set<string>()
  const told = messages.filter(({ event }) => wanted.has(event))
  const count = changes.length + told.length
  if (count === 0) return
  const before = await takePlaces(tx, orgId, count, { isAnew: isState })
  const at = clock.now()
  const places = changes.map((change, n) => ({ ...change, place: before + 1 + n }))
  await upsertChanges(tx, orgId, places, at)
  await insertMessages(
    tx,
    orgId,
    told.map((message, n) => ({ ...message, place: before + changes.length + 1 + n })),
    at,
  )
}
