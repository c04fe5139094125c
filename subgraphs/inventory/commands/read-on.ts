import { readingOn } from '#sync/read-on.ts'
import { runProgressed } from '../domain/telling.ts'
import { wantRun } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

export const reading = readingOn({
  progressed: (run) => [runProgressed(run)],
  wantRun: (tx, ...rest) => wantRun(asTransaction(tx), ...rest),
})
export const { stopReading, readOn } = reading
