import type { Context } from '../context.ts'
import { endAttempt, type RequestKey } from '../store/keyed-requests.ts'

/**
 * Ends an attempt at a change that has a key.
 * @param end its answer, null where it is not kept; or that nothing is known to be done, so that it may be tried again at once
 */
export const settleRequest = (
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  key: RequestKey & { attempt: string },
  end: { answer: string | null } | 'GIVEN_UP',
): Promise<void> =>
  db.transaction(key.orgId, (tx) => {
    const leasedUntil = clock.now()
    return end === 'GIVEN_UP'
      ? endAttempt(tx, key, { state: 'RUNNING', answer: null, leasedUntil })
      : endAttempt(tx, key, { state: 'DONE', answer: end.answer, leasedUntil })
  })
