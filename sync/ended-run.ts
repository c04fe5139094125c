import type { NewEvent } from '#events/outbox.ts'
import type { keptConnections } from './connections.ts'
import { NeedsReauth, RecordsFailed } from './errors.ts'
import { startRun } from './queue.ts'
import type { RunProgress } from './run.ts'
import type { Target } from './target.ts'

type Ended = Parameters<NonNullable<Target['ended']>>[1]
type Kept = ReturnType<typeof keptConnections>

/** What is the owner's own about how a run ends. */
export interface Ending extends Pick<Kept, 'noteSync' | 'wantRun'> {
  /** The code by which the other system refuses to let us in. */
  refusal: string
  /** Notes that it did. */
  refused(tx: object, place: { orgId: string; connectionId: string }, at: Date): Promise<unknown>
  /** The connection as others are told of it, and the mode of the run that is to follow; undefined when there is none. */
  connection(
    tx: object,
    orgId: string,
    id: string,
  ): Promise<{ told: NewEvent; wantedRun: 'INCREMENTAL' | 'RECONCILE' | null } | undefined>
  /** Whether it is read without anybody asking. */
  isActive(tx: object, orgId: string, connectionId: string): Promise<boolean>
  progressed(run: RunProgress): NewEvent
  /** What else is done when a run has ended. @param isThrough it has brought everything that it should */
  also?(tx: object, run: Ended, note: { isThrough: boolean; at: Date }): Promise<void>
}

/**
 * Notes on the connection how its run ended: when it last agreed, what went wrong, and whether somebody has to let it in anew; and asks
 * for the run that is to follow, where what should be read was changed while it was under way.
 */
export const endingRuns =
  (owner: Ending): NonNullable<Target['ended']> =>
  async (tx, run, code) => {
    const { orgId, connectionId } = run
    const at = run.finishedAt ?? run.requestedAt
    // A plan, or what one says, is no reading of everything; how it ended is told of the plan.
    const isSync = run.purpose === 'SYNC'
    const isThrough = isSync && (run.state === 'COMPLETED' || code === RecordsFailed.code)
    await owner.also?.(tx, run, { isThrough, at })
    // What was said when it happened says more than what stopped later on account of it.
    const isRefused = code === owner.refusal || code === NeedsReauth.code
    await owner.noteSync(tx, run, { at, isThrough, error: isSync && !isRefused ? run.error : null })
    if (code === owner.refusal) await owner.refused(tx, { orgId, connectionId }, at)
    const found = await owner.connection(tx, orgId, connectionId)
    if (!found) return []
    const { told, wantedRun: mode } = found
    if (!mode || !(await owner.isActive(tx, orgId, connectionId))) return [told]
    await owner.wantRun(tx, orgId, connectionId, null)
    const { run: next, isNew } = await startRun(tx, { orgId, connectionId, mode, clock: { now: () => at } })
    return isNew ? [told, owner.progressed(next)] : [told]
  }
