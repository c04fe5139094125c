import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { reasonFault, type WebhookWish, wishFault } from '../domain/webhooks.ts'
import { notify } from '../store/outward.ts'
import { lockWebhook, type PartnerWebhookRow, updateWebhook, type WebhookChange } from '../store/webhooks.ts'

export interface PartnerWebhookChanged {
  __typename: 'PartnerWebhookChanged'
  webhook: PartnerWebhookRow
}

type Around = Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'partners'>

/** Writes a change of a webhook that stands as it has to, with its trace. */
const write = async (
  { db, orgId, principal, clock }: Around,
  { id, action, change }: { id: string; action: string; change: WebhookChange },
  isSo: (webhook: PartnerWebhookRow) => InvalidRefusal | StaleRefusal | 'AS_IT_IS' | undefined = () =>
    undefined,
): Promise<PartnerWebhookChanged | InvalidRefusal | StaleRefusal | MissingRefusal> => {
  if (!isId(id)) return missing('The webhook')
  return await db.transaction(orgId, async (tx) => {
    const found = await lockWebhook(tx, orgId, id)
    if (!found) return missing('The webhook')
    const { secret: _, ...before } = found
    const refused = isSo(before)
    if (refused === 'AS_IT_IS') return { __typename: 'PartnerWebhookChanged', webhook: before }
    if (refused) return refused
    const at = clock.now()
    const webhook = await updateWebhook(tx, orgId, id, change, at)
    const subject = { type: 'PartnerWebhook', id }
    await audit(tx, { orgId, principal, action, subject, before: { ...before }, after: { ...webhook }, at })
    await notify(tx)
    return { __typename: 'PartnerWebhookChanged', webhook }
  })
}

/** Changes a webhook's name, address or events. */
export const changePartnerWebhook = async (
  ctx: Around,
  id: string,
  wish: Partial<WebhookWish>,
  expectedVersion: number | null,
): Promise<PartnerWebhookChanged | InvalidRefusal | StaleRefusal | MissingRefusal> => {
  const fault = wishFault(wish, ctx.partners.mayBe)
  if (fault) return invalid(fault.field, fault.message)
  const { name, url, events } = wish
  const change = {
    ...(name === undefined ? {} : { name: name.trim() }),
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events: [...new Set(events)] }),
  }
  return write(ctx, { id, action: 'changePartnerWebhook', change }, ({ version }) =>
    expectedVersion === null || expectedVersion === version ? undefined : stale('The webhook', version),
  )
}

type Paused = PartnerWebhookChanged | InvalidRefusal | MissingRefusal

/** Pauses a webhook. Pausing it again changes the reason. */
export const pausePartnerWebhook = async (
  ctx: Around,
  id: string,
  reason: string | null,
): Promise<Paused> => {
  const fault = reasonFault(reason)
  if (fault) return invalid(fault.field, fault.message)
  const change = { state: 'PAUSED', reason } as const
  return (await write(ctx, { id, action: 'pausePartnerWebhook', change }, ({ state }) =>
    state === 'DISABLED'
      ? invalid('id', 'The webhook is disabled: nothing is sent to it as it is.', 'NOT_ACTIVE')
      : undefined,
  )) as Paused
}

/** Takes a webhook up again. One that is active stays as it is. */
export const resumePartnerWebhook = async (ctx: Around, id: string): Promise<Paused> => {
  const change = { state: 'ACTIVE', reason: null } as const
  return (await write(ctx, { id, action: 'resumePartnerWebhook', change }, ({ state }) =>
    state === 'ACTIVE' ? 'AS_IT_IS' : undefined,
  )) as Paused
}
