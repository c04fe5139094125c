import { z } from 'zod'
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

export const definitions = [learnBuying]
