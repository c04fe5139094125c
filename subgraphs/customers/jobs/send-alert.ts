import { define } from '#kernel/errors.ts'
import { task } from '#service/job-definition.ts'
import { type AlertMessage, sendAlert } from './definitions.ts'

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

/** Sends an alert to the operators' own system. May arrive twice: whoever takes it tells by `alertId`. */
export const sendAlertTo = (url: string | undefined) =>
  task<AlertMessage, unknown>(sendAlert, async (alert, _, { signal }) => {
    if (!url) return
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'tributary' },
      body: JSON.stringify({ event: 'customers.alert.raised', ...alert }),
      // Whoever answers with another address is not whom the operators have named.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    })
    await answer.body?.cancel()
    if (answer.ok) return
    const error = FINAL.has(answer.status) || answer.status < 400 ? AlertRefused : AlertNotTaken
    throw error.with({ status: answer.status })
  })
