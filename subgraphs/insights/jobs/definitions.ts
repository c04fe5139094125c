import { z } from 'zod'
import { sendAlert } from '#service/alerts.ts'
import { job } from '#service/job-definition.ts'

/** Learns from what customers have bought, where there is more of it than there was. One at a time, however many processes. */
export const learnBuying = job({
  name: 'learn-buying',
  payload: z.object({}),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '*/15 * * * *', payload: {} },
})

/** Learns from an organisation's customers who leaves. */
export const learnChurn = job({
  name: 'learn-churn',
  payload: z.object({ orgId: z.string() }),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'both',
  key: ({ orgId }) => orgId,
})

/** Keeps how likely an organisation's customers are to leave, month by month, counts who left, and has it learned anew each month. */
export const keepChurn = job({
  name: 'keep-churn',
  payload: z.object({ orgId: z.string() }),
  batch: 1,
  single: 'both',
  key: ({ orgId }) => orgId,
})

/** Has churn kept of every organisation, each night: by a job for each, so that none waits for another. */
export const lookAtChurn = job({
  name: 'look-at-churn',
  payload: z.object({}),
  batch: 1,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '10 3 * * *', payload: {} },
})

/** Learns how often each detector was right, from what people decided. One at a time, however many processes. */
export const learnTrust = job({
  name: 'learn-trust',
  payload: z.object({}),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '40 3 * * *', payload: {} },
})

/** Counts how customers were doing in the month that has ended, and forgets what lies too far back. One at a time. */
export const tidyEachNight = job({
  name: 'tidy-insights',
  payload: z.object({}),
  batch: 1,
  expiresInSeconds: 3600,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '40 0 * * *', payload: {} },
})

export const definitions = [
  ...[learnBuying, learnChurn, learnTrust],
  ...[keepChurn, lookAtChurn, tidyEachNight, sendAlert],
]
