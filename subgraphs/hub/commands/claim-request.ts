import { newId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import { type Claim, takeKey } from '../store/keyed-requests.ts'

/** How long an answer is given again. */
const KEPT_MS = 86_400_000

export type Claimed =
  /** It is the caller's to do. `id` stands for the change towards subgraphs, also when another attempt takes it over. */
  | { is: 'TAKEN'; id: string }
  /** Another attempt is at it. */
  | { is: 'BUSY' }
  /** The key belongs to another request. */
  | { is: 'REUSED' }
  /** It was done; null where its answer is not kept. */
  | { is: 'DONE'; answer: string | null }

/**
 * Asks for the right to make a change that has a key, for as long as an attempt may take.
 * @param wish.leaseMs after which another attempt may take it over
 */
export const claimRequest = (
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { leaseMs, ...wish }: Omit<Claim, 'id' | 'leasedUntil' | 'expiresAt'> & { leaseMs: number },
): Promise<Claimed> =>
  db.transaction(wish.orgId, async (tx) => {
    const at = clock.now()
    const leasedUntil = new Date(at.getTime() + leaseMs)
    const held = await takeKey(
      tx,
      { ...wish, id: newId(clock), leasedUntil, expiresAt: new Date(at.getTime() + KEPT_MS) },
      at,
    )
    if (held.attempt === wish.attempt) return { is: 'TAKEN', id: held.id }
    if (held.asked !== wish.asked) return { is: 'REUSED' }
    return held.state === 'DONE' ? { is: 'DONE', answer: held.answer } : { is: 'BUSY' }
  })
