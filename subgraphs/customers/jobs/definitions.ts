import { z } from 'zod'
import { sendAlert } from '#service/alerts.ts'
import { forgetHistory, keepSchedules } from '#service/clock-jobs.ts'
import { job } from '#service/job-definition.ts'

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

/** Lets portals have what was told of trunks and numbers, some at a time until none is left. */
export const writeAllAssets = job({
  name: 'write-assets',
  payload: z.object({ orgId: z.string() }),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'active',
  key: ({ orgId }) => orgId,
})

const usage = z.object({
  orgId: z.string(),
  /** What it is done for: news of a day, or the look a day later. The one keeps nothing from the other. */
  turn: z.string(),
})

/** Lets companies and timelines tell what was used. */
export const writeAllUsage = job({
  name: 'write-usage',
  payload: usage,
  batch: 1,
  expiresInSeconds: 3600,
  single: 'queued',
  key: ({ orgId, turn }: z.infer<typeof usage>) => `${orgId} ${turn}`,
})

const alerts = z.object({ orgId: z.string() })

/** Opens tickets for alerts, and tells those of alerts that are over. */
export const writeAlertTickets = job({
  name: 'write-alert-tickets',
  payload: alerts,
  batch: 1,
  single: 'queued',
  key: ({ orgId }: z.infer<typeof alerts>) => orgId,
})

/** Gives the contacts of a portal that nobody looks after to colleagues, some at a time. */
export const assignRemaining = job({
  name: 'assign-contacts',
  payload: z.object({ orgId: z.string(), integrationId: z.string() }),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'active',
  key: ({ integrationId }) => integrationId,
})

/** Makes companies of customers that HubSpot does not know, where a portal's policy says so. */
export const makeTwinsByTheClock = job({
  name: 'make-twins',
  payload: z.object({}),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '*/10 * * * *', payload: {} },
})

export const definitions = [
  runBulk,
  writeAllAssets,
  writeAllUsage,
  writeAlertTickets,
  assignRemaining,
  sendAlert,
  keepSchedules,
  forgetHistory,
  tendDeliveries,
  forgetOldDeliveries,
  eraseRequested,
  advanceOnboarding,
  makeTwinsByTheClock,
  sendMail,
]
