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

/** Counts how busy trunks were, judges accounts by their thresholds and tells how they are doing. */
export const tickUsage = job({
  name: 'tick-usage',
  payload: z.object({}),
  batch: 1,
  attempts: 1,
  schedule: { cron: '*/5 * * * *', payload: {} },
})

/** Seals addresses for emergency calls by the newest key, so that an older one can be taken away. */
export const sealAddresses = job({
  name: 'seal-emergency-addresses',
  payload: z.object({}),
  batch: 1,
  schedule: { cron: '*/10 * * * *', payload: {} },
})

export const definitions = [forgetUsage, closeDays, tickUsage, sealAddresses]
