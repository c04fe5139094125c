import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import { define } from '#kernel/errors.ts'
import { newId } from '#kernel/ids.ts'
import type { Log } from '#kernel/log.ts'
import { job, task } from './job-definition.ts'
import type { Jobs } from './jobs.ts'

/** An alert as it leaves the house: ids, codes and public sentences only. */
const alert = z.object({
  alertId: z.string(),
  /** Null when it is nobody's. */
  orgId: z.string().nullable(),
  integrationId: z.string().nullable(),
  /** CONNECTION, RECORD, or what a system calls that which is nobody's. */
  subject: z.string(),
  type: z.string().nullable(),
  code: z.string(),
  reason: z.string(),
  guidance: z.string(),
  count: z.int(),
  raisedAt: z.iso.datetime(),
})
export type AlertMessage = z.infer<typeof alert>

/** Tells the operators' own system of an alert. Ten tries within some half an hour; after that the alert itself is old. */
export const sendAlert = job({ name: 'send-alert', payload: alert, attempts: 10, firstDelaySeconds: 2 })

const AlertNotTaken = define('HUB_ALERT_NOT_TAKEN', {
  status: 502,
  retry: 'later',
  says: 'The address for alerts answered {status}. Check OPS_WEBHOOK_URL; the alert is sent again.',
})
const AlertRefused = define('HUB_ALERT_REFUSED', {
  status: 502,
  retry: 'never',
  says: 'The address for alerts refused it with {status}. Check OPS_WEBHOOK_URL.',
})

const DEADLINE_MS = 10_000
/** Answers after which the same request will not be taken either. */
const FINAL = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422])

/**
 * Sends an alert to the operators' own system. May arrive twice: whoever takes it tells by `alertId`.
 * @param event what the message calls itself
 */
export const sendAlertTo = (event: string, url: string | undefined) =>
  task<AlertMessage, unknown>(sendAlert, async (alert, _, { signal }) => {
    if (!url) return
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'tributary' },
      body: JSON.stringify({ event, ...alert }),
      // Whoever answers with another address is not whom the operators have named.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    })
    await answer.body?.cancel()
    if (answer.ok) return
    const error = FINAL.has(answer.status) || answer.status < 400 ? AlertRefused : AlertNotTaken
    throw error.with({ status: answer.status })
  })

/** What alerts are raised with. `sends`: whether operators have named a system of theirs. */
export interface Alarm {
  jobs: Jobs
  clock: Clock
  log: Log
  sends: boolean
}

/** A trouble that is of no connection. `event` is what lines in the log are counted by. */
export interface Unowned extends Pick<AlertMessage, 'subject' | 'code' | 'reason' | 'guidance' | 'count'> {
  event: string
  /** Left out when it is of no organisation either. */
  orgId?: string
}

/** Tells operators of what is of no connection: by a line in the log, and a message to their own system when one is named. */
export const tellOperators = async (
  tx: object,
  { jobs, clock, log, sends }: Alarm,
  troubles: readonly Unowned[],
): Promise<void> => {
  const raisedAt = clock.now().toISOString()
  const alerts = troubles.map(({ event, ...trouble }) => {
    const alertId = newId(clock)
    const { code, reason, count, orgId } = trouble
    log.error({ event, alertId, ...(orgId ? { orgId } : {}), code, reason, count }, 'alert raised')
    return { ...trouble, alertId, orgId: orgId ?? null, integrationId: null, type: null, raisedAt }
  })
  if (sends) await jobs.enqueueAll(tx, sendAlert, alerts)
}
