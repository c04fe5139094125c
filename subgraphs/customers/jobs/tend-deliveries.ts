import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { Vault } from '#kernel/vault.ts'
import { task } from '#service/job-definition.ts'
import type { Jobs } from '#service/jobs.ts'
import { raiseAlerts } from '../commands/raise-alerts.ts'
import { routeStrays } from '../commands/route-strays.ts'
import { tellStrays } from '../commands/tell-strays.ts'
import { tellTroubledDeliveries } from '../commands/tell-troubled-deliveries.ts'
import type { Rows } from '../store/transaction.ts'
import { readWords } from '../sync/webhook.ts'
import { tendDeliveries } from './definitions.ts'

/** Takes webhooks whose portal was connected since, and tells of what operators should know. Safe to repeat. */
export const tendStrays = (more: { vault: Vault; sends: boolean }) =>
  task<Record<string, never>, { database: Rows; clock: Clock; log: Log; jobs: Jobs }>(
    tendDeliveries,
    async (_, ctx) => {
      await routeStrays({ ...ctx, vault: more.vault }, readWords)
      await tellStrays({ ...ctx, sends: more.sends })
      await tellTroubledDeliveries({ ...ctx, raise: raiseAlerts({ ...ctx, sends: more.sends }) })
    },
  )
