import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { integrationsOf } from '../store/integrations.ts'
import {
  type DecidedStage,
  type HeldRenewalStage,
  renewalStagesOf,
  writeRenewalStages,
} from '../store/renewal-stages.ts'
import { lockRules, raiseRules } from '../store/rule-versions.ts'

export interface SetRenewalStagesAsk {
  integrationId: string
  expectedVersion: number
  stages: readonly DecidedStage[]
}

/** Most stages that one change may name. */
const MOST_STAGES = 500

const nameOf = ({ pipelineId, stageId }: Pick<DecidedStage, 'pipelineId' | 'stageId'>) =>
  `${pipelineId}/${stageId}`

/**
 * Decides what stages of a portal's deals say of renewals. Lists of renewals follow at once, since they read it with each deal.
 * Deciding what is decided already changes nothing.
 */
export const setRenewalStages = (
  ctx: Context,
  { integrationId, expectedVersion, stages }: SetRenewalStagesAsk,
): Promise<{ missing: string } | { invalid: string } | { currentVersion: number } | { receipt: Receipt }> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const place = { orgId, integrationId }
    const [integration] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!integration) return { missing: 'The HubSpot connection' }
    const version = await lockRules(tx, place, 'RENEWAL_STAGES')
    if (version !== expectedVersion) return { currentVersion: version }
    const known = (await renewalStagesOf(tx, orgId, [integrationId])).get(integrationId) ?? []
    const fault = faultOf(stages, known)
    if (fault) return { invalid: fault }
    const held = new Map(known.map((rule) => [nameOf(placeOf(rule)), rule.decided]))
    const changed = stages.filter((stage) => held.get(nameOf(stage)) !== stage.renewalStage)
    if (changed.length > 0) {
      const at = clock.now()
      await writeRenewalStages(tx, place, changed)
      await raiseRules(tx, place, 'RENEWAL_STAGES', at)
      await audit(tx, {
        orgId,
        principal,
        action: 'setRenewalStages',
        subject: { type: 'HubSpotIntegration', id: integrationId },
        before: Object.fromEntries(changed.map((stage) => [nameOf(stage), held.get(nameOf(stage))])),
        after: Object.fromEntries(changed.map((stage) => [nameOf(stage), stage.renewalStage])),
        at,
      })
    }
    return { receipt: await receiptOf(tx) }
  })

const placeOf = (rule: HeldRenewalStage) => ({ pipelineId: rule.pipeline_id, stageId: rule.stage_id })

const faultOf = (stages: readonly DecidedStage[], known: readonly HeldRenewalStage[]): string | undefined => {
  if (stages.length === 0) return 'Name at least one stage.'
  if (stages.length > MOST_STAGES) return `Name at most ${MOST_STAGES} stages at a time.`
  const names = new Set(known.map((rule) => nameOf(placeOf(rule))))
  const stranger = stages.find((stage) => !names.has(nameOf(stage)))
  if (stranger)
    return `The portal has no stage ${stranger.stageId} in the pipeline ${stranger.pipelineId}. Read renewalStages for those it has.`
  if (new Set(stages.map(nameOf)).size < stages.length) return 'Name each stage once.'
  return undefined
}
