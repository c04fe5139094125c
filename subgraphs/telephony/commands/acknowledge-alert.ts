import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import type { TelephonyAlertRow } from '../domain/alerts.ts'
import { noteAcknowledgement } from '../store/alerts.ts'

/** Notes that the caller deals with an alert; who said so first is kept. @returns null when there is no such alert */
export const acknowledgeAlert = (
  ctx: Context,
  id: string,
): Promise<{ alert: TelephonyAlertRow; receipt: Receipt } | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const at = clock.now()
    const noted = isId(id) ? await noteAcknowledgement(tx, orgId, id, { by: principal.id, at }) : undefined
    if (!noted) return null
    if (noted.isNew)
      await audit(tx, {
        ...{ orgId, principal, action: 'acknowledgeAlert', at, subject: { type: 'TelephonyAlert', id } },
        before: { acknowledgedBy: null },
        after: { acknowledgedBy: principal.id },
      })
    return { alert: noted.alert, receipt: await receiptOf(tx) }
  })
