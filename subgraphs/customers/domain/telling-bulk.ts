import { event } from '#schema/events.ts'
import type { BulkDeed } from './bulk.ts'

/** A change of many records as it is told. */
export interface ToldBulk {
  id: string
  type: string
  operation: BulkDeed
  state: 'QUEUED' | 'RUNNING' | 'COMPLETED'
  total: number
  done: number
  written: number
  unchanged: number
  refused: number
}

/** Tells others how far a change of many records is. */
export const bulkProgressed = ({ id, type, operation, state, ...counts }: ToldBulk) => {
  const { total, done, written, unchanged, refused } = counts
  return event('customers.bulk.progressed', id, {
    ...{ jobId: id, type, operation, state, total, done, written, unchanged, refused },
  })
}
