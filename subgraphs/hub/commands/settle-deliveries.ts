import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import { sendAlert } from '#service/alerts.ts'
import { audit } from '#service/audit.ts'
import type { Jobs } from '#service/jobs.ts'
import { noteTries } from '#service/measuring.ts'
import {
  DISABLED_BECAUSE,
  type DisabledBecause,
  isGivenUp,
  nextTry,
  restUntil,
  type Sent,
  shownAnswer,
  verdictOf,
} from '../domain/delivering.ts'
import {
  holdsLease,
  type Leased,
  type SettledTry,
  settleTries,
  settleWebhook,
  type Waiting,
} from '../store/sending.ts'
import type { Rows, Transaction } from '../store/transaction.ts'

/** What came of one event. */
export interface Outcome {
  of: Pick<Waiting, 'place' | 'tries'>
  at: Date
  sent: Sent
}

/** What is settled with. */
export interface Settling {
  database: Pick<Rows, 'transaction'>
  jobs: Jobs
  clock: Clock
  log: Log
  random(): number
  /** Whether operators have named a system of theirs. */
  sends: boolean
}

/** Writes what came of a webhook's events, and when it is its turn again. Nothing is written when the lease is somebody else's by now. */
export const settleDeliveries = async (
  around: Settling,
  webhook: Leased,
  outcomes: readonly Outcome[],
): Promise<void> => {
  const { database, clock, random } = around
  const settled = await database.transaction(webhook.orgId, async (tx) => {
    if (!(await holdsLease(tx, webhook))) return []
    const now = clock.now()
    const verdicts = outcomes.map(({ sent }) => verdictOf(sent))
    const tries = outcomes.map((outcome, n) => settledTry(outcome, verdicts[n] === 'DELIVERED', random()))
    const delivered = outcomes.findLast((_, n) => verdicts[n] === 'DELIVERED')
    const isUnwell = verdicts.includes('UNWELL') || (outcomes.length > 0 && !delivered)
    const failures = isUnwell
      ? (delivered ? 0 : webhook.failures) + 1
      : outcomes.length > 0
        ? 0
        : webhook.failures
    const failingSince = delivered ? null : (webhook.failingSince ?? (isUnwell ? now : null))
    const because: DisabledBecause | undefined = verdicts.includes('GONE')
      ? 'GONE'
      : isUnwell && failingSince && isGivenUp(failingSince, now)
        ? 'FAILING'
        : undefined
    const wish = Math.max(0, ...outcomes.map(({ sent }) => sent.retryAfterMs ?? 0))
    await settleTries(tx, webhook, tries)
    const state = {
      ...{ failures, failingSince, lastDeliveredAt: delivered?.at ?? null },
      restUntil: isUnwell ? restUntil(failures, now, random(), wish) : null,
      disabled: because ? DISABLED_BECAUSE[because] : null,
    }
    await settleWebhook(tx, webhook, state, now)
    if (because) await tellOfDisabling(tx, around, webhook, because, now)
    return tries
  })
  noteTries(settled.map(({ state }) => SHOWN[state]))
}

const SHOWN = { DELIVERED: 'delivered', WAITING: 'retried', FAILED: 'failed' } as const

const settledTry = ({ of, at, sent }: Outcome, isDelivered: boolean, random: number): SettledTry => {
  const { status, ms, answer, error, retryAfterMs } = sent
  const dueAt = isDelivered ? null : nextTry(of.tries + 1, at, random, retryAfterMs)
  const state = isDelivered ? 'DELIVERED' : dueAt ? 'WAITING' : 'FAILED'
  return { place: of.place, state, dueAt, at, status, ms, answer: shownAnswer(answer), error }
}

/** Leaves a trace of what the hub decided by itself, and tells operators: by a line in the log, and by their own system when one is named. */
const tellOfDisabling = async (
  tx: Transaction,
  { jobs, clock, log, sends }: Settling,
  { orgId, id }: Leased,
  because: DisabledBecause,
  at: Date,
): Promise<void> => {
  const principal = { kind: 'system', id: 'system:partner-webhooks' } as const
  const subject = { type: 'PartnerWebhook', id }
  const [before, after] = [{ state: 'ACTIVE' }, { state: 'DISABLED', reason: DISABLED_BECAUSE[because] }]
  await audit(tx, { orgId, principal, action: 'disablePartnerWebhook', subject, before, after, at })
  const alert = {
    ...{ alertId: newId(clock), orgId, integrationId: null, subject: 'PARTNER_WEBHOOK', type: id },
    ...{ code: `HUB_PARTNER_WEBHOOK_${because}`, count: 1, raisedAt: at.toISOString() },
    reason: 'A partner’s webhook was disabled: events no longer reach its address.',
    guidance: DISABLED_BECAUSE[because],
  }
  log.error(
    { event: 'partner-webhook.disabled', alertId: alert.alertId, orgId, webhookId: id, code: alert.code },
    'alert raised',
  )
  if (sends) await jobs.enqueue(tx, sendAlert, alert)
}
