import type { HubSpot, HubSpotOwner, HubSpotPipeline } from '#connectors/hubspot/index.ts'
import { ENGAGEMENT_PROPERTIES } from '../domain/engagement.ts'
import { kindOf, type RecordType } from '../domain/kinds.ts'
import { ownerIdOf } from '../domain/links.ts'
import { NEVER_TAKEN } from '../domain/secrets.ts'
import type { OwnerRow, StageRow } from '../store/portal.ts'

/** Properties we ask for by name even where they begin like HubSpot's own bookkeeping. */
const WANTED = new Set([
  'hs_merged_object_ids',
  'hs_additional_domains',
  'hs_additional_emails',
  'hs_parent_company_id',
  'hs_last_sales_activity_timestamp',
  'hs_lead_status',
  'hs_is_closed',
  'hs_is_closed_won',
  'hs_pipeline',
  'hs_pipeline_stage',
  'hs_ticket_priority',
  'hs_ticket_category',
  ...ENGAGEMENT_PROPERTIES,
])

/** What a portal tells about itself, read before its records. */
export interface PortalSetup {
  portalId: string
  timeZone: string
  currency: string | null
  owners: OwnerRow[]
  /** Of the types that were read; see `stagesOf`. */
  stages: Partial<Record<StageRow['type'], StageRow[]>>
  properties: Record<string, string[]>
}

/** Reads account, owners, pipelines and properties: nine requests. Of types that may not be read, nothing. */
export const readSetup = async (
  hubspot: HubSpot,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  types: readonly RecordType[],
  may: { owners: boolean } = { owners: true },
): Promise<PortalSetup> => {
  const linesOf = async (type: StageRow['type']) =>
    types.includes(type) ? { [type]: stageRows(type, await hubspot.pipelines(type)) } : {}
  const [account, owners, deals, tickets, ...properties] = await Promise.all([
    hubspot.account(),
    may.owners ? hubspot.owners() : [],
    linesOf('deals'),
    linesOf('tickets'),
    ...types
      .filter((type) => kindOf(type).properties === undefined)
      .map(async (type) => [type, await namesOf(hubspot, type)] as const),
  ])
  return {
    portalId: account.portalId,
    timeZone: account.timeZone,
    currency: account.companyCurrency ?? null,
    owners: owners.map((owner) => ownerRow(owner, ownerIdOf(orgId, integrationId, owner.id) ?? '')),
    stages: { ...deals, ...tickets },
    properties: Object.fromEntries(properties),
  }
}

// Everything a portal's people have made, and of HubSpot's own bookkeeping what we know a use for.
const namesOf = async (hubspot: HubSpot, type: string): Promise<string[]> =>
  (await hubspot.properties(type))
    .filter(
      ({ name, archived }) =>
        !archived && !NEVER_TAKEN.has(name) && (!name.startsWith('hs_') || WANTED.has(name)),
    )
    .map(({ name }) => name)
    .sort()

const ownerRow = (owner: HubSpotOwner, id: string): OwnerRow => ({
  id,
  external_id: owner.id,
  email: owner.email,
  name: [owner.firstName, owner.lastName].filter(Boolean).join(' ') || null,
  is_active: !owner.archived,
})

const stageRows = (type: 'deals' | 'tickets', pipelines: readonly HubSpotPipeline[]): StageRow[] =>
  pipelines.flatMap((pipeline) =>
    pipeline.stages.map((stage) => {
      const { isClosed, probability, ticketState } = stage.metadata
      const isOpen = type === 'deals' ? isClosed !== 'true' : ticketState !== 'CLOSED'
      return {
        type,
        pipeline_id: pipeline.id,
        stage_id: stage.id,
        pipeline_label: pipeline.label,
        label: stage.label,
        position: stage.displayOrder,
        is_open: isOpen,
        is_won: type === 'deals' && !isOpen ? Number(probability) === 1 : null,
        probability: probability !== undefined && Number.isFinite(Number(probability)) ? probability : null,
      }
    }),
  )
