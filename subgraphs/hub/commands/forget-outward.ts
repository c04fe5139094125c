import type { Clock } from '#kernel/clock.ts'
import { forgetOutward } from '../store/outward.ts'
import type { Rows } from '../store/transaction.ts'

/** How long changes, what partners were told, and what became of it are kept. */
export const KEPT_DAYS = 30
const BATCH = 5_000

/** Forgets what an organisation has kept for long enough, in bounded steps. Safe to break off and to repeat. @returns how many rows went */
export const forgetOldOutward = async (
  { database, clock }: { database: Pick<Rows, 'transaction'>; clock: Clock },
  orgId: string,
  signal?: AbortSignal,
): Promise<number> => {
  const before = new Date(clock.now().getTime() - KEPT_DAYS * 86_400_000)
  let all = 0
  for (let gone = -1; gone !== 0 && !signal?.aborted; all += gone)
    gone = await database.transaction(orgId, (tx) => forgetOutward(tx, orgId, before, BATCH))
  return all
}
