import { z } from 'zod'
import { forgetHistory, keepSchedules } from '#service/clock-jobs.ts'
import { job } from '#service/job-definition.ts'

/** An alert as it leaves the house: ids, codes and public sentences only. */
const alert = z.object({
  alertId: z.string(),
  /** Null when it is nobody's. */
  orgId: z.string().nullable(),
  integrationId: z.string().nullable(),
  subject: z.enum(['CONNECTION', 'RECORD', 'PORTAL']),
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

/** Erases the persons whom HubSpot was told to forget. */
export const eraseRequested = job({
  name: 'erase-requested',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '* * * * *', payload: {} },
})

/** Takes webhooks whose portal was connected since, and tells of portals that nobody is connected to. */
export const tendDeliveries = job({
  name: 'tend-webhooks',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '* * * * *', payload: {} },
})

/** Forgets webhooks that are older than they are kept. */
export const forgetOldDeliveries = job({
  name: 'forget-webhooks',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '20 * * * *', payload: {} },
})

/** Goes on with a change of many records, a batch at a time. */
export const runBulk = job({
  name: 'run-bulk',
  payload: z.object({ orgId: z.string(), jobId: z.string() }),
  batch: 1,
  concurrency: 2,
  expiresInSeconds: 3600,
  single: 'active',
  key: ({ jobId }) => jobId,
})

const onboarding = z.object({ orgId: z.string(), onboardingId: z.string() })

/** Moves an onboarding as far as it comes. Waited for by nobody: news of its customer, deal or account asks for it anew. */
export const advanceOnboarding = job({
  name: 'advance-onboarding',
  payload: onboarding,
  key: ({ onboardingId }: z.infer<typeof onboarding>) => onboardingId,
  single: 'queued',
  attempts: 20,
})

/** Sends a mail of the outbox. The outbox counts the tries that a mail server has refused; these are more, for the times that we fall over. */
export const sendMail = job({
  name: 'send-mail',
  payload: z.object({ orgId: z.string(), mailId: z.string() }),
  attempts: 60,
})

export const definitions = [
  runBulk,
  sendAlert,
  keepSchedules,
  forgetHistory,
  tendDeliveries,
  forgetOldDeliveries,
  eraseRequested,
  advanceOnboarding,
  sendMail,
]
