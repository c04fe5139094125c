import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import { startRun } from '#sync/queue.ts'
import type { Context } from '../context.ts'
import { featuresOf } from '../domain/features.ts'
import { compareOwn, type Differing, OWN_PROPERTIES, unmade } from '../domain/own-properties.ts'
import { allows } from '../domain/settings.ts'
import { runProgressed } from '../domain/telling.ts'
import { forgetCatalog, type IntegrationRow, integrationsOf } from '../store/integrations.ts'

/** HubSpot's own group for what is known of a company. */
const GROUP = 'companyinformation'

/** What was made, what was there, and what is in the way. */
export interface Provisioned {
  created: string[]
  existing: string[]
  problems: Differing[]
  receipt: Receipt
}

/**
 * Makes the company properties that the hub needs, where a portal lacks them. What is there is left as it is. Safe to repeat, also
 * when HubSpot's answer got lost: what was made is there then.
 * @throws what HubSpot throws
 */
export const provisionProperties = async (
  ctx: Context,
  integrationId: string,
): Promise<Provisioned | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, clock, portals } = ctx
  const [row] = isId(integrationId)
    ? await ctx.db.read(orgId, (tx) => integrationsOf(tx, orgId, [integrationId]))
    : []
  if (!row || row.disconnected_at) return missing('The HubSpot connection')
  const reason = hindrance(row)
  if (reason) return invalid('integrationId', reason)
  const hubspot = await portals.open(row, { interactive: true })
  const there = (await hubspot.properties('companies')).filter(({ archived }) => !archived)
  const { lacking, differing } = compareOwn(there.map((property) => ({ ...property, kind: property.type })))
  const failed = await hubspot.createProperties(
    'companies',
    lacking.map((property) => ({ ...property, groupName: GROUP })),
  )
  const problems = [...differing, ...failed.map(unmade)]
  const refused = new Set(failed.map(({ name }) => name))
  const created = lacking.map(({ name }) => name).filter((name) => !refused.has(name))
  const lacked = new Set(lacking.map(({ name }) => name))
  const receipt = await ctx.write(async (tx) => {
    const at = clock.now()
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, { orgId, principal, action: 'provisionHubSpot', subject, after: { created }, at })
    if (created.length > 0) {
      await forgetCatalog(tx, orgId, integrationId)
      const ask = { orgId, connectionId: integrationId, mode: 'INCREMENTAL' as const, clock }
      const { run, isNew } = await startRun(tx, ask)
      if (isNew) await publish(tx, orgId, [runProgressed(run)], at)
    }
    return await receiptOf(tx)
  })
  const existing = OWN_PROPERTIES.map(({ name }) => name).filter((name) => !lacked.has(name))
  return { created, existing, problems, receipt }
}

const hindrance = (row: IntegrationRow): string | undefined => {
  if (row.status === 'NEEDS_REAUTH')
    return 'The connection to HubSpot no longer works. Connect it again first.'
  if (!allows(row.direction, 'OUT'))
    return 'This connection only reads from HubSpot. Change its direction first.'
  const feature = featuresOf(row).find(({ capability }) => capability === 'PROPERTIES')
  return feature?.isOn === false
    ? `HubSpot does not grant ${feature.missingScopes.join(', ')}: connect again and grant it, or have somebody make the properties there.`
    : undefined
}
