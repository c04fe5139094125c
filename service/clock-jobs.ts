import { z } from 'zod'
import { job } from './job-definition.ts'

const forgetting = z.object({ orgId: z.string(), connectionId: z.string() })
export type Forgetting = z.infer<typeof forgetting>

/** Forgets what syncs of a connection did that is older than it is kept. */
export const forgetHistory = job({ name: 'forget-sync-history', payload: forgetting, batch: 1 })

/** Begins what is due by the clock. One a minute for all processes together; one that is missed, the next makes up for. */
export const keepSchedules = job({
  name: 'keep-schedules',
  payload: z.object({}),
  batch: 1,
  attempts: 1,
  schedule: { cron: '* * * * *', payload: {} },
})
