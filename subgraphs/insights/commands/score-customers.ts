import { publish } from '#events/outbox.ts'
import { event } from '#schema/events.ts'
import { health } from '../domain/health.ts'
import { organisationsWithWork, settle, takeDue } from '../store/customers.ts'
import { dropHealth, healthOf, saveHealth } from '../store/health.ts'
import { signalsOf } from '../store/signals.ts'
import { asTransaction } from '../store/transaction.ts'

/**
 * Scores anew up to `limit` customers of one organisation whose facts changed or whose time has come; tells who moved.
 * A constant number of statements. Safe to run from several processes at once: each takes other customers.
 * @returns how many were taken; 0 when there is nothing to do
 */
export const scoreOrganisation = async (
  transaction: object,
  orgId: string,
  now: Date,
  limit: number,
): Promise<number> => {
  const tx = asTransaction(transaction)
  const due = await takeDue(tx, orgId, now, limit)
  if (due.length === 0) return 0
  const living = due.filter((row) => row.merged_into === null)
  const ids = living.map((row) => row.customer_id)
  const signals = await signalsOf(tx, orgId, ids)
  const before = new Map((await healthOf(tx, orgId, ids)).map((row) => [row.customerId, row]))
  const scored = living.map((row) => {
    const found = health(signals.get(row.customer_id) ?? [], now)
    const known = before.get(row.customer_id)
    const scoreMoved = known === undefined || asNumber(known.score) !== found.score
    return {
      customerId: row.customer_id,
      identityVersion: row.identity_version,
      health: found,
      previous: known?.score ?? null,
      scoreMoved,
      moved: scoreMoved || Number(known.confidence) !== found.confidence,
    }
  })
  await saveHealth(tx, orgId, scored)
  await dropHealth(
    tx,
    orgId,
    due.filter((row) => row.merged_into !== null).map((row) => row.customer_id),
  )
  await settle(tx, orgId, [
    ...scored.map((s) => ({ customerId: s.customerId, dueAt: s.health.dueAt })),
    ...due
      .filter((row) => row.merged_into !== null)
      .map((row) => ({ customerId: row.customer_id, dueAt: null })),
  ])
  await publish(
    tx,
    orgId,
    scored
      .filter((s) => s.scoreMoved)
      .map((s) =>
        event('insights.health.changed', s.customerId, {
          customerId: s.customerId,
          score: s.health.score === null ? null : s.health.score.toFixed(2),
          previousScore: s.previous,
          confidence: s.health.confidence.toFixed(2),
          asOf: now.toISOString(),
        }),
      ),
    now,
  )
  return due.length
}

/** Organisations with customers to score now. Asked as relay, across organisations. */
export const organisationsToScore = (tx: object, now: Date): Promise<string[]> =>
  organisationsWithWork(asTransaction(tx), now)

const asNumber = (score: string | null): number | null => (score === null ? null : Number(score))
