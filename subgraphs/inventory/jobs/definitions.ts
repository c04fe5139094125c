import { z } from 'zod'
import { sendAlert } from '#service/alerts.ts'
import { forgetHistory, keepSchedules } from '#service/clock-jobs.ts'
import { job } from '#service/job-definition.ts'

const connection = z.object({ orgId: z.string(), integrationId: z.string() })

/** Has everything leave the hub that a connection brought which was ended. */
export const forgetRecords = job({
  name: 'forget-c3-records',
  payload: connection,
  batch: 1,
  expiresInSeconds: 3600,
  single: 'active',
  key: ({ integrationId }) => integrationId,
})

/** Tells a C3 where to post what has changed. */
export const setWebhook = job({
  name: 'set-c3-webhook',
  payload: connection,
  single: 'queued',
  key: ({ integrationId }) => integrationId,
})

/** The same for every connection that needs it, and what operators should know of webhooks. */
export const tendWebhooks = job({
  name: 'tend-c3-webhooks',
  payload: z.object({}),
  batch: 1,
  attempts: 1,
  schedule: { cron: '* * * * *', payload: {} },
})

/** Forgets webhooks that are older than they are kept. */
export const forgetWebhooks = job({
  name: 'forget-c3-webhooks',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '25 * * * *', payload: {} },
})

export const definitions = [
  keepSchedules,
  forgetHistory,
  sendAlert,
  forgetRecords,
  setWebhook,
  tendWebhooks,
  forgetWebhooks,
]
