import { z } from 'zod'
import { sendAlert } from '#service/alerts.ts'
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

/** Forgets changes and what partners were told once they are kept for long enough. One at a time, however many processes. */
export const forgetOutward = job({
  name: 'forget-outward',
  payload: z.object({}),
  batch: 1,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '40 * * * *', payload: {} },
})

/** Forgets conversations that nobody went on with for as long as they are kept, each hour. One at a time, however many processes. */
export const forgetUnusedConversations = job({
  name: 'forget-conversations',
  payload: z.object({}),
  batch: 1,
  single: 'both',
  key: () => 'all',
  schedule: { cron: '55 * * * *', payload: {} },
})

export const definitions = [forgetEachHour, forgetOutward, forgetUnusedConversations, sendAlert]
