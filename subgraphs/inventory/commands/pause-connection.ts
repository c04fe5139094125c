import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { allows, EVERY_TYPE } from '#schema/events.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { pausing } from '#sync/pausing.ts'
import type { Context } from '../context.ts'
import { PAUSABLE } from '../domain/settings.ts'
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
export const pauseConnection = (ctx: Context, ask: PauseAsk): Promise<Paused> =>
  turn(ctx, ask, 'pauseC3Connection')

/** Ends a pause, and has what changed meanwhile read. */
export const resumeConnection = (ctx: Context, ask: PauseAsk): Promise<Paused> =>
  turn(ctx, ask, 'resumeC3Connection')

const turnPause = pausing(pauses, reading)

const turn = async (
  ctx: Context,
  { integrationId, direction, type }: PauseAsk,
  action: 'pauseC3Connection' | 'resumeC3Connection',
): Promise<Paused> => {
  const { orgId, principal, clock } = ctx
  if (type !== null && !PAUSABLE.includes(type))
    return invalid('type', `Kinds of record are ${PAUSABLE.join(', ')}.`)
  return await ctx.write(async (tx) => {
    const row = isId(integrationId) ? await lockIntegration(tx, orgId, integrationId) : undefined
    if (!row || row.disconnectedAt) return missing('The C3 connection')
    const at = clock.now()
    const isPause = action === 'pauseC3Connection'
    const said = { direction, type: type ?? EVERY_TYPE }
    const pause = { orgId, integrationId, ...said, isPause, comesIn: allows(row.direction, 'IN') }
    if (!(await turnPause(tx, pause, clock))) return { integrationId, receipt: await receiptOf(tx) }
    const subject = { type: 'C3Integration', id: integrationId }
    const what = isPause ? { after: said } : { before: said }
    await audit(tx, { orgId, principal, action, subject, ...what, at })
    const [now] = await integrationsOf(tx, orgId, [integrationId])
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    return { integrationId, receipt: await receiptOf(tx) }
  })
}
