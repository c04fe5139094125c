import { publish } from '#events/outbox.ts'
import { event } from '#schema/events.ts'
import { type Health, health } from '../domain/health.ts'
import { movedSides, profileOf } from '../domain/profile.ts'
import { type Due, organisationsWithWork, settle, takeDue } from '../store/customers.ts'
import { dropHealth, lastScores, type Scored, saveHealth } from '../store/health.ts'
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
  const [living, gone] = [due.filter((row) => row.isAlive), due.filter((row) => !row.isAlive)]
  const ids = living.map((row) => row.customerId)
  const signals = await signalsOf(tx, orgId, ids)
  const before = await lastScores(tx, orgId, ids)
  const scores = living.map((row) =>
    compare(
      row,
      before.get(row.customerId),
      health(signals.get(row.customerId) ?? [], moment(now, before.get(row.customerId))),
    ),
  )
  await saveHealth(tx, orgId, scores)
  await dropHealth(
    tx,
    orgId,
    gone.map((row) => row.customerId),
  )
  await settle(tx, orgId, [
    ...scores.map((s) => ({ customerId: s.customerId, dueAt: s.health.dueAt })),
    ...gone.map((row) => ({ customerId: row.customerId, dueAt: null })),
  ])
  await publish(
    tx,
    orgId,
    [...scores.filter((s) => s.scoreMoved).map(healthChanged), ...scores.flatMap(profileChanged)],
    now,
  )
  return due.length
}

/** Organisations with customers to score now. Asked as relay, across organisations. */
export const organisationsToScore = (tx: object, now: Date): Promise<string[]> =>
  organisationsWithWork(asTransaction(tx), now)

const TELLABLE_MS = 1000

/** Each score of a customer has a moment of its own, so that history keeps it also when two fall into one millisecond. */
const moment = (now: Date, last: Scored | undefined): Date => {
  const lead = last === undefined ? -1 : last.asOf.getTime() - now.getTime()
  // Farther ahead is a clock that was wrong, and not to be followed.
  return lead >= 0 && lead < TELLABLE_MS ? new Date(now.getTime() + lead + 1) : now
}

interface Outcome {
  customerId: string
  last: Scored | undefined
  identityVersion: number
  health: Health
  previous: string | null
  scoreMoved: boolean
  /** Whether history has something to keep. */
  moved: boolean
}

const compare = (row: Due, last: Scored | undefined, found: Health): Outcome => {
  const scoreMoved = asNumber(last?.score ?? null) !== found.score
  const confidenceMoved = asNumber(last?.confidence ?? '0') !== found.confidence
  return {
    customerId: row.customerId,
    last,
    identityVersion: row.identityVersion,
    health: found,
    previous: last?.score ?? null,
    scoreMoved,
    moved: scoreMoved || confidenceMoved,
  }
}

const healthChanged = ({ customerId, health, previous }: Outcome) =>
  event('insights.health.changed', customerId, {
    customerId,
    score: health.score === null ? null : health.score.toFixed(2),
    previousScore: previous,
    confidence: health.confidence.toFixed(2),
    asOf: health.asOf.toISOString(),
  })

const profileChanged = ({ customerId, health, last }: Outcome) => {
  const fields = profileOf(movedSides(last?.dimensions ?? [], health.dimensions), health.asOf)
  return fields ? [event('insights.profile.changed', customerId, { customerId, fields })] : []
}

const asNumber = (score: string | null): number | null => (score === null ? null : Number(score))
