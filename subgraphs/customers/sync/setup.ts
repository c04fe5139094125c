import type { HubSpot, HubSpotOwner, HubSpotPipeline, HubSpotProperty } from '#connectors/hubspot/index.ts'
import type { CatalogProperty } from '../domain/catalog.ts'
import { kindOf, type RecordType } from '../domain/kinds.ts'
import { ownerIdOf } from '../domain/links.ts'
import { isAboutRenewals, renewalStageOf } from '../domain/renewals.ts'
import type { OwnerRow } from '../store/owners.ts'
import type { StageRow } from '../store/portal.ts'

/** What a portal tells about itself, read before its records. */
export interface PortalSetup {
  portalId: string
  timeZone: string
  currency: string | null
  owners: OwnerRow[]
  /** Of the types that were read; see `stagesOf`. */
  stages: Partial<Record<StageRow['type'], StageRow[]>>
  /** Every property of every type that was read. */
  catalog: ReadonlyMap<string, readonly CatalogProperty[]>
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
      .map(async (type) => [type, await propertiesOf(hubspot, type)] as const),
  ])
  return {
    portalId: account.portalId,
    timeZone: account.timeZone,
    currency: account.companyCurrency ?? null,
    owners: owners.map((owner) => ownerRow(owner, ownerIdOf(orgId, integrationId, owner.id) ?? '')),
    stages: { ...deals, ...tickets },
    catalog: new Map(properties),
  }
}

/** A portal's properties of a type, by name; archived ones are left out. */
export const propertiesOf = async (hubspot: HubSpot, type: string): Promise<CatalogProperty[]> =>
  catalogued(await hubspot.properties(type))

/** Properties as the hub keeps them, by name; archived ones are left out. */
export const catalogued = (properties: readonly HubSpotProperty[]): CatalogProperty[] =>
  properties
    .filter(({ archived }) => !archived)
    .map((property) => ({
      name: property.name,
      label: property.label || property.name,
      description: property.description,
      kind: property.type,
      fieldType: property.fieldType,
      group: property.groupName,
      options: property.options.map(({ value, label }) => ({ value, label: label || value })),
      isReadOnly: property.readOnlyValue,
      isCalculated: property.calculated,
      isUnique: property.hasUniqueValue,
      isHidden: property.hidden,
      isHubSpotDefined: property.hubspotDefined,
      isSensitive: property.sensitive,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

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
      const said = {
        label: stage.label,
        pipelineLabel: pipeline.label,
        isOpen,
        isWon: type === 'deals' && !isOpen ? Number(probability) === 1 : null,
        probability: probability !== undefined && Number.isFinite(Number(probability)) ? probability : null,
      }
      return {
        type,
        pipeline_id: pipeline.id,
        stage_id: stage.id,
        pipeline_label: pipeline.label,
        label: stage.label,
        position: stage.displayOrder,
        is_open: isOpen,
        is_won: said.isWon,
        probability: said.probability,
        renewal_stage: type === 'deals' ? renewalStageOf(said) : null,
        renews: type === 'deals' && isAboutRenewals(said),
      }
    }),
  )
