import { z } from 'zod'
import { job } from '#service/job-definition.ts'

/** Lets single calls and messages go that are older than they are kept. What they add up to stays. */
export const forgetUsage = job({
  name: 'forget-usage-records',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '35 3 * * *', payload: {} },
})

/** Does what is to be done once an organisation's day, or its month, is over. */
export const closeDays = job({
  name: 'close-days',
  payload: z.object({}),
  batch: 1,
  attempts: 1,
  expiresInSeconds: 3600,
  schedule: { cron: '15 * * * *', payload: {} },
})

export const definitions = [forgetUsage, closeDays]
