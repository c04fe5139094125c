import type { Log } from '#kernel/log.ts'
import { type Delivery, strayPlace, type Told } from '../domain/webhook.ts'
import { claimedStrays, dropStrays, type KeptStray } from '../store/strays.ts'
import { type Taking, takeDeliveries } from './take-deliveries.ts'

/** Turns the words of a delivery into what they tell. */
export type Reader = (body: string, receiver: string) => readonly Told[]

const AT_ONCE = 100

/**
 * Takes deliveries that were kept while nobody was connected to their portal, now that somebody is. Safe to repeat: they are
 * forgotten only when they are taken, and taking twice has one effect.
 * @returns how many were taken
 */
export const routeStrays = async (around: Taking & { log: Log }, read: Reader): Promise<number> => {
  const { database, log } = around
  for (let taken = 0; ; ) {
    const kept = await database.relay((tx) => claimedStrays(tx, AT_ONCE))
    await takeDeliveries(
      around,
      kept.flatMap((stray) => deliveryOf(stray, around, read) ?? []),
    )
    await database.relay((tx) =>
      dropStrays(
        tx,
        kept.map(({ id }) => id),
      ),
    )
    taken += kept.length
    if (kept.length < AT_ONCE) {
      if (taken > 0)
        log.info({ count: taken }, 'took webhooks that had come before their portal was connected')
      return taken
    }
  }
}

const deliveryOf = (
  stray: KeptStray,
  { vault, log }: Taking & { log: Log },
  read: Reader,
): Delivery | undefined => {
  try {
    const body = vault.open(stray.raw_sealed, strayPlace(stray.id))
    // Words that name no portal came for this one by their address.
    const told = read(body, stray.receiver)
      .map((one) => ({ ...one, portalId: one.portalId ?? stray.portal_id }))
      .filter(({ portalId }) => portalId === stray.portal_id)
    return { receiver: stray.receiver, receivedAt: stray.received_at, told, body }
  } catch (error) {
    // Sealed by a key that was taken away since: the first reading of the portal brings what it told.
    log.warn({ err: error, portalId: stray.portal_id }, 'a kept webhook cannot be read any more')
    return undefined
  }
}
