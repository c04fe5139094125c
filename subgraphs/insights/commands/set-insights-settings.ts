import { isDeepStrictEqual } from 'node:util'
import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type StaleRefusal, stale } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { isFlaw } from '../domain/flaw.ts'
import { type AskedSettings, changeSettings, judgesOtherwise, settingsOf } from '../domain/settings.ts'
import { settingsChanged } from '../domain/telling.ts'
import type { InsightsRecomputeRow } from '../store/recomputes.ts'
import { type HeldSettings, keepSettings, lockSettings } from '../store/settings.ts'
import { recomputeAll } from './recompute-insights.ts'
import { followAutomatic } from './want-enrichment.ts'

export type SettingsAnswer =
  | { settings: HeldSettings; recompute: InsightsRecomputeRow | null; receipt: Receipt }
  | InvalidRefusal
  | StaleRefusal

/**
 * Changes how the organisation's customers are judged and written about, and has all of them judged anew where they are judged otherwise.
 * What is so already changes nothing.
 */
export const setInsightsSettings = (
  ctx: Context,
  { expectedVersion, changes }: { expectedVersion: number; changes: AskedSettings },
): Promise<SettingsAnswer> =>
  ctx.write(async (tx): Promise<SettingsAnswer> => {
    const { orgId, principal, clock } = ctx
    const before = await lockSettings(tx, orgId)
    if (before.version !== expectedVersion) return stale('The settings', before.version)
    const document = changeSettings(before.document, changes)
    if (isFlaw(document)) return invalid(document.field, `${document.field} ${document.problem}.`)
    if (isDeepStrictEqual(document, before.document))
      return { settings: before, recompute: null, receipt: await receiptOf(tx) }
    const changedAt = clock.now()
    const settings = { version: before.version + 1, document, changedAt }
    await keepSettings(tx, orgId, settings, `${principal.kind} ${principal.id}`)
    const recompute = judgesOtherwise(before.document, document)
      ? await recomputeAll(tx, orgId, 'SETTINGS', changedAt)
      : null
    const [was, is] = [settingsOf(before.document), settingsOf(document)]
    await followAutomatic(tx, orgId, was.enrichment, is.enrichment, changedAt)
    await audit(tx, {
      ...{ orgId, principal, at: changedAt, action: 'setInsightsSettings' },
      ...{
        subject: { type: 'InsightsSettings', id: orgId },
        before: { ...before.document },
        after: { ...document },
      },
    })
    await publish(tx, orgId, [settingsChanged(settings, changedAt)], changedAt)
    return { settings, recompute, receipt: await receiptOf(tx) }
  })
