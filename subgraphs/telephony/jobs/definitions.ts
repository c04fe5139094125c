import { z } from 'zod'
import { job } from '#service/job-definition.ts'

/** Lets single calls and messages go that are older than they are kept. What they add up to stays. */
export const forgetUsage = job({
  name: 'forget-usage-records',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '35 3 * * *', payload: {} },
})

export const definitions = [forgetUsage]
