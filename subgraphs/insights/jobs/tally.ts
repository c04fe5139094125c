/**
 * tally  what one process has done of what goes on all the time, by organisation: added up in memory and noted now and then, since a
 *        row written with each batch would have batches wait for each other. What a process that is killed has not noted is not counted
 */
import { type Clock, repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { TurnRows } from '#service/turns.ts'
import { type Done, noteDone } from '../commands/note-runs.ts'
import type { SteadyKind } from '../domain/runs.ts'

const NOTED_EVERY_MS = 10_000

export interface Tally extends AsyncDisposable {
  /** Counts what an organisation's turn did. A turn that throws is a failure, and throws on. */
  count(orgId: string, turn: () => Promise<number>): Promise<number>
}

/** Begins to count. What is left is noted when it is disposed. */
export const startTally = (
  kind: SteadyKind,
  { rows, clock, log }: { rows: Pick<TurnRows, 'transaction'>; clock: Clock; log: Log },
): Tally => {
  let counts = new Map<string, Done>()
  const add = (orgId: string, done: Done) => {
    const { customers = 0, failures = 0, workedMs = 0 } = counts.get(orgId) ?? {}
    counts.set(orgId, {
      customers: customers + done.customers,
      failures: failures + done.failures,
      workedMs: workedMs + done.workedMs,
    })
  }
  const note = async () => {
    const noted = counts
    counts = new Map()
    for (const [orgId, done] of noted)
      try {
        await rows.transaction(orgId, (tx) => noteDone(tx, orgId, { ...done, kind, clock }))
      } catch (error) {
        add(orgId, done)
        log.warn({ err: error, orgId }, 'what was done could not be noted; it is noted with what comes next')
      }
  }
  const failed = (error: unknown) => log.warn({ err: error }, 'what was done could not be noted')
  const rounds = repeat(note, { everyMs: NOTED_EVERY_MS, failed })
  return {
    count: async (orgId, turn) => {
      const began = performance.now()
      try {
        const customers = await turn()
        if (customers > 0) add(orgId, { customers, failures: 0, workedMs: performance.now() - began })
        return customers
      } catch (error) {
        add(orgId, { customers: 0, failures: 1, workedMs: performance.now() - began })
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => {
      await rounds[Symbol.asyncDispose]()
      await note()
    },
  }
}
