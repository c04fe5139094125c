import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { alertsOfRecords, type RaiseAlerts } from './alerts.ts'
import { buryRecords, resolveLetters } from './dead-letters.ts'
import { explain } from './failure.ts'
import type { Lane } from './lanes.ts'
import { logRecords } from './logs.ts'
import { settle, type Waiting } from './settle.ts'

/** What became of a batch that is written apart from records which both sides have. */
export interface ApartOutcome {
  /** What no longer waits, whatever became of it. */
  settled: readonly Waiting[]
  /** Ids of what the source has now. */
  done: readonly string[]
  failed: readonly { id: string; error: Error }[]
  startedAt: Date
}

/**
 * Concludes a batch of what is only ever added at the source: what no longer waits, dead letters, the log, and whom it is told. In the
 * transaction in which the owner notes what became of each.
 * @returns the reason of each that failed, in a public sentence
 */
export const concludeApart = async (
  tx: object,
  { clock, raise }: { clock: Clock; raise?: RaiseAlerts },
  lane: Lane,
  { settled, done, failed, startedAt }: ApartOutcome,
): Promise<Map<string, string>> => {
  const { orgId } = lane
  const at = clock.now()
  const out = { ...lane, direction: 'OUT' as const }
  const attempts = new Map(settled.map((each) => [each.key, each.attempts + 1]))
  const buried = failed.map(({ id, error }) => ({
    ...explain(error),
    externalId: id,
    attempts: attempts.get(id) ?? 1,
  }))
  await settle(tx, lane, settled, [])
  await buryRecords(tx, out, buried, clock)
  await resolveLetters(tx, out, done, at)
  const logs = [
    ...done.map((externalId) => ({ externalId, operation: 'CREATE' as const })),
    ...buried.map((failure) => ({ externalId: failure.externalId, operation: 'STORE' as const, failure })),
  ]
  await logRecords(tx, out, logs, { runId: undefined, clock, startedAt })
  await publish(tx, orgId, (await raise?.(tx, orgId, alertsOfRecords(lane, buried), at)) ?? [], at)
  return new Map(buried.map(({ externalId, reason }) => [externalId, reason]))
}
