import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { hourOf, type RunKind, type SteadyKind } from '../domain/runs.ts'
import { endRecomputes, noteRun } from '../store/runs.ts'
import { asTransaction, type Rows } from '../store/transaction.ts'

/** What was done of what goes on all the time. */
export interface Done {
  customers: number
  failures: number
  workedMs: number
}

/** Adds what was done to its hour, and ends what all customers were judged anew for, once they have been. */
export const noteDone = async (
  transaction: object,
  orgId: string,
  { kind, clock, ...done }: Done & { kind: SteadyKind; clock: Clock },
): Promise<void> => {
  const [tx, at] = [asTransaction(transaction), clock.now()]
  const run = { id: newId(clock), kind, startedAt: hourOf(at), endedAt: at, ...done }
  await noteRun(tx, orgId, { ...run, outcome: done.customers > 0 ? 'DONE' : 'FAILED' })
  if (kind === 'JUDGE') await endRecomputes(tx, orgId, at)
}

/**
 * Does something for all customers of an organisation and notes it as a run, also where it fails; not where there was nothing to do.
 * @param work null or false when there was nothing to do
 * @throws what the work throws
 */
export const asRun = async <T>(
  rows: Pick<Rows, 'transaction'>,
  { orgId, kind, clock }: { orgId: string; kind: RunKind; clock: Clock },
  work: () => Promise<T>,
): Promise<T> => {
  const [startedAt, began] = [clock.now(), performance.now()]
  const note = (outcome: 'DONE' | 'FAILED') =>
    rows.transaction(orgId, (tx) =>
      noteRun(tx, orgId, {
        ...{ id: newId(clock), kind, startedAt, endedAt: clock.now(), outcome },
        ...{ customers: null, failures: outcome === 'FAILED' ? 1 : 0, workedMs: performance.now() - began },
      }),
    )
  try {
    const found = await work()
    if (found !== null && found !== false) await note('DONE')
    return found
  } catch (error) {
    await note('FAILED')
    throw error
  }
}
