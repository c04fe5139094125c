import { isId } from '#kernel/ids.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import {
  isTrouble,
  type ProvisioningPlan,
  planProvisioning,
  type Wanted,
  wantedOf,
} from '../domain/provisioning.ts'
import { allows } from '../domain/settings.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'

type Provisioner = Awaited<ReturnType<Context['portals']['provisioner']>>
type Surveyed = Awaited<ReturnType<Provisioner['survey']>>['survey']

/** What provisioning a portal would do, with all it takes to do it. */
export interface PlannedPortal {
  row: IntegrationRow
  plan: ProvisioningPlan
  wanted: Wanted
  survey: Surveyed
  provisioner: Provisioner
}

/**
 * Says what provisioning a portal would make, by looking at what is there. Nothing is changed.
 * @throws what HubSpot throws
 */
export const planPortal = async (
  ctx: Context,
  integrationId: string,
): Promise<PlannedPortal | InvalidRefusal | MissingRefusal> => {
  const { orgId, portals } = ctx
  const [row] = isId(integrationId)
    ? await ctx.db.read(orgId, (tx) => integrationsOf(tx, orgId, [integrationId]))
    : []
  if (!row || row.disconnected_at) return missing('The HubSpot connection')
  const asked = wantedOf(row)
  const reason = hindrance(row, asked)
  if (reason) return invalid('integrationId', reason)
  const provisioner = await portals.provisioner(row)
  const { wanted, survey } = await provisioner.survey(asked)
  return { row, plan: planProvisioning(wanted, survey), wanted, survey, provisioner }
}

const hindrance = (row: IntegrationRow, { properties, objectsBarred }: Wanted): string | undefined => {
  if (row.status === 'NEEDS_REAUTH')
    return 'The connection to HubSpot no longer works. Connect it again first.'
  if (!allows(row.direction, 'OUT'))
    return 'This connection only reads from HubSpot. Change its direction first.'
  const barred = [...properties.values()].filter(isTrouble)
  if (!objectsBarred || barred.length < properties.size) return undefined
  const { message, fix } = barred[0]!
  return `${message} ${fix}`
}
