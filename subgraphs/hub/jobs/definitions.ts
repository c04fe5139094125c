import { z } from 'zod'
import { job } from '#service/job-definition.ts'

/** Forgets changes with a key whose day is over, each hour. One at a time, however many processes. */
export const forgetEachHour = job({
  name: 'forget-keyed-requests',
  payload: z.object({}),
  batch: 1,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '25 * * * *', payload: {} },
})

export const definitions = [forgetEachHour]
