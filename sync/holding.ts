import { sql } from 'kysely'
import { type Database, over } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { alertOfConnection, type RaiseAlerts } from './alerts.ts'
import { holdRun } from './checkpoint.ts'
import { RunHeld } from './errors.ts'
import { progressOf } from './progress.ts'
import { RUNS_CHANNEL } from './queue.ts'
import type { HeldRun, Hold, HoldReason } from './run.ts'
import type { Target } from './target.ts'

/**
 * Lets a run hold as it stands, until somebody says that it goes on or ends it: nobody takes it up meanwhile, whatever is restarted.
 * @throws HUB_LEASE_LOST, HUB_RUN_CANCELLED
 */
export const holdForApproval = async (
  { database, clock, raise }: { database: Database<never>; clock: Clock; raise?: RaiseAlerts },
  run: HeldRun,
  { reasons, target }: { reasons: readonly HoldReason[]; target: Target },
): Promise<void> => {
  await database.transaction(run.orgId, async (tx) => {
    await holdRun(tx, run)
    const at = clock.now()
    const hold: Hold = { id: newId(clock), since: at.toISOString(), reasons: [...reasons] }
    await sql`
      update sync.runs set state = 'HELD', hold = ${JSON.stringify(hold)}::jsonb, lease_until = null, not_before = null
      where id = ${run.id}::uuid`.execute(over(tx))
    const progress = await progressOf(tx, run.id, clock)
    const records = reasons.reduce((sum, reason) => sum + reason.records, 0)
    const raised =
      (await raise?.(tx, run.orgId, [alertOfConnection(run.connectionId, RunHeld.with(), records)], at)) ?? []
    await publish(tx, run.orgId, [...(progress ? target.progressed(progress) : []), ...raised], at)
  })
}

/**
 * Lets a run go on that holds: it may do what it held for, however much that is. Of several who say so at once, one does.
 * @param holdId of the holding that somebody has seen
 * @returns whether it did
 */
export const letGoOn = async (tx: object, runId: string, holdId: string): Promise<boolean> => {
  const { rows } = await sql<{ id: string }>`
    update sync.runs set state = 'QUEUED', priority = 'ASKED', hold = null,
      allowed = allowed || (select jsonb_agg(jsonb_build_object('type', r -> 'type', 'action', r -> 'action'))
        from jsonb_array_elements(hold -> 'reasons') r)
    where id = ${runId}::uuid and state = 'HELD' and hold ->> 'id' = ${holdId} returning id`.execute(over(tx))
  if (rows.length > 0) await sql`select pg_notify(${RUNS_CHANNEL}, '')`.execute(over(tx))
  return rows.length > 0
}
