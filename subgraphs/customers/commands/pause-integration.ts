import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { allows, EVERY_TYPE, isPaused, PAUSABLE } from '../domain/settings.ts'
import { integrationChanged } from '../domain/telling.ts'
import { integrationsOf, lockIntegration } from '../store/integrations.ts'
import { endPauses, pausesOf, writePause } from '../store/pauses.ts'
import { readOn, stopReading } from './read-on.ts'

export interface PauseAsk {
  integrationId: string
  direction: 'IN' | 'OUT'
  /** Null: every kind of record. */
  type: string | null
}
type Paused = { integrationId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal

/** Pauses a direction of a connection. What reads it stops at its next checkpoint; what is noted meanwhile is kept. */
export const pauseIntegration = (ctx: Context, ask: PauseAsk): Promise<Paused> =>
  turn(ctx, ask, 'pauseIntegration')

/** Ends a pause, and has what changed meanwhile read. */
export const resumeIntegration = (ctx: Context, ask: PauseAsk): Promise<Paused> =>
  turn(ctx, ask, 'resumeIntegration')

const turn = async (
  ctx: Context,
  ask: PauseAsk,
  action: 'pauseIntegration' | 'resumeIntegration',
): Promise<Paused> => {
  const { orgId, principal, clock } = ctx
  const { integrationId, direction, type } = ask
  if (type !== null && !PAUSABLE.includes(type))
    return invalid('type', `Kinds of record are ${PAUSABLE.join(', ')}.`)
  return await ctx.write(async (tx) => {
    const row = isId(integrationId) ? await lockIntegration(tx, orgId, integrationId) : undefined
    if (!row || row.disconnected_at) return missing('The HubSpot connection')
    const at = clock.now()
    const pause = { orgId, integrationId, direction, type: type ?? EVERY_TYPE }
    const isNews =
      action === 'pauseIntegration' ? await writePause(tx, pause, at) : (await endPauses(tx, pause)) > 0
    if (!isNews) return { integrationId, receipt: await receiptOf(tx) }
    const said = { direction, type: type ?? EVERY_TYPE }
    const isPause = action === 'pauseIntegration'
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, {
      orgId,
      principal,
      action,
      subject,
      ...(isPause ? { after: said } : { before: said }),
      at,
    })
    if (direction === 'IN') {
      const pauses = (await pausesOf(tx, orgId, [integrationId])).get(integrationId) ?? []
      const stands = isPaused(pauses, 'IN', EVERY_TYPE)
      // A run has opened the kinds it reads: it ends, and another one begins with those that are left.
      if (isPause) await stopReading(tx, { orgId, integrationId, clock })
      const mode = stands || !allows(row.direction, 'IN') ? null : 'INCREMENTAL'
      await readOn(tx, { orgId, integrationId, mode, clock })
    }
    const [now] = await integrationsOf(tx, orgId, [integrationId])
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    return { integrationId, receipt: await receiptOf(tx) }
  })
}
