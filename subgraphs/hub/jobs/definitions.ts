import { z } from 'zod'
import { sendAlert } from '#service/alerts.ts'
import { job } from '#service/job-definition.ts'

/** Forgets changes and what partners were told once they are kept for long enough. */
export const forgetOutward = job({
  name: 'forget-outward',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '25 * * * *', payload: {} },
})

export const definitions = [sendAlert, forgetOutward]
