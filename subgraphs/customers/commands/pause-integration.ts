import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { pausing } from '#sync/pausing.ts'
import type { Context } from '../context.ts'
import { allows, EVERY_TYPE, PAUSABLE } from '../domain/settings.ts'
import { integrationChanged } from '../domain/telling.ts'
import { integrationsOf, lockIntegration } from '../store/integrations.ts'
import { pauses } from '../store/pauses.ts'
import { reading } from './read-on.ts'

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

const turnPause = pausing(pauses, reading)

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
    const isPause = action === 'pauseIntegration'
    const pause = { orgId, integrationId, direction, type: type ?? EVERY_TYPE }
    const isNews = await turnPause(tx, { ...pause, isPause, comesIn: allows(row.direction, 'IN') }, clock)
    if (!isNews) return { integrationId, receipt: await receiptOf(tx) }
    const said = { direction, type: type ?? EVERY_TYPE }
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, {
      orgId,
      principal,
      action,
      subject,
      ...(isPause ? { after: said } : { before: said }),
      at,
    })
    const [now] = await integrationsOf(tx, orgId, [integrationId])
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    return { integrationId, receipt: await receiptOf(tx) }
  })
}
