import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { allows } from '#schema/events.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { invalid, missing, type Refusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type AskedSettings, isChange, readSettings, settingsOf } from '../domain/settings.ts'
import { integrationChanged } from '../domain/telling.ts'
import { integrationsOf, lockIntegration, writeSettings } from '../store/integrations.ts'
import { readOn, stopReading } from './read-on.ts'

/** Changes how a connection is kept in step. One that only goes out from now on is read no more; one that comes in again is read. */
export const changeConnection = async (
  ctx: Context,
  ask: { integrationId: string; settings: AskedSettings; expectedVersion: number },
): Promise<{ integrationId: string; receipt: Receipt } | Refusal> => {
  const change = readSettings(ask.settings)
  if ('field' in change) return invalid(change.field, change.message)
  const { orgId, principal, clock } = ctx
  const id = ask.integrationId
  return await ctx.write(async (tx) => {
    const row = isId(id) ? await lockIntegration(tx, orgId, id) : undefined
    if (!row || row.disconnectedAt) return missing('The C3 connection')
    if (row.settingsVersion !== ask.expectedVersion) return stale('The connection', row.settingsVersion)
    const before = settingsOf(row)
    if (!isChange(before, change)) return { integrationId: id, receipt: await receiptOf(tx) }
    const at = clock.now()
    await writeSettings(tx, orgId, id, change)
    const [now] = await integrationsOf(tx, orgId, [id])
    const after = settingsOf(now ?? row)
    const subject = { type: 'C3Integration', id }
    await audit(tx, {
      ...{ orgId, principal, action: 'changeC3Connection', subject, at },
      before: { ...before },
      after: { ...after },
    })
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    if (!allows(after.direction, 'IN')) await stopReading(tx, { orgId, integrationId: id, clock })
    else {
      const mode = allows(before.direction, 'IN') ? null : 'INCREMENTAL'
      await readOn(tx, { orgId, integrationId: id, mode, clock })
    }
    return { integrationId: id, receipt: await receiptOf(tx) }
  })
}
