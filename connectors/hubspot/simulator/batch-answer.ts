import type { SimReply } from '#connectors/simulator/index.ts'
import type { BatchAnswer, BatchError } from '../wire.ts'
import type { Portal } from './portal.ts'

/** A batch answer: `created` or 200 when all went well, 207 when some rows did not. */
export const batchReply = <T>(
  portal: Pick<Portal, 'now'>,
  results: T[],
  errors: BatchError[],
  success: 200 | 201,
): SimReply => {
  const at = new Date(portal.now()).toISOString()
  const body: BatchAnswer<T> = {
    status: 'COMPLETE',
    results,
    ...(errors.length === 0 ? {} : { numErrors: errors.length, errors }),
    requestedAt: at,
    startedAt: at,
    completedAt: at,
  }
  return { status: errors.length === 0 ? success : 207, body }
}
