import { type CompanyKinds, DEFAULT_KINDS } from '../domain/company-kinds.ts'
import type { MappedType } from '../domain/hub-fields.ts'
import { compileMappings, DEFAULT_MAPPED, type Mapped } from '../domain/mapping.ts'
import { type Stages, stageKey } from '../domain/stages.ts'
import type { MappingsRow } from '../store/mappings.ts'
import type { StageRow } from '../store/portal.ts'

/** What is known of the portal around its records. */
export interface PortalFacts {
  /** Currency of amounts that name none. */
  currency: string
  stages: Record<'deals' | 'tickets', Stages>
  /** Reads the hub's fields out of what the portal says. */
  fields: Mapped
  /** The version of the mapping that `fields` is. */
  versionOf(type: MappedType): number
  /** What a company's own words make it for us. */
  kinds: CompanyKinds
  /** Since when its deals are known; null while nobody knows. What is new since has happened, and is not only being found. */
  knownSince: Date | null
}

/** What the kinds need to know of the portal. HubSpot's own default currency is the dollar. */
export const factsOf = (
  currency: string | null,
  stages: readonly StageRow[],
  {
    fields = DEFAULT_MAPPED,
    versionOf = () => 1,
    kinds = DEFAULT_KINDS,
    knownSince = null,
  }: Partial<Pick<PortalFacts, 'fields' | 'versionOf' | 'kinds' | 'knownSince'>> = {},
): PortalFacts => {
  const of = (type: StageRow['type']): Stages =>
    new Map(
      stages
        .filter((stage) => stage.type === type)
        .map((stage) => [
          stageKey(stage.pipeline_id, stage.stage_id),
          {
            ...{
              isOpen: stage.is_open,
              isWon: stage.is_won,
              probability: stage.probability,
              label: stage.label,
            },
            renewal: { decided: stage.decided ?? null, suggested: stage.renewal_stage, renews: stage.renews },
          },
        ]),
    )
  return {
    currency: currency ?? 'USD',
    stages: { deals: of('deals'), tickets: of('tickets') },
    fields,
    versionOf,
    kinds,
    knownSince,
  }
}

/** How a portal's records are read by the mappings that are stored of it. */
export const mappedBy = (
  mappings: readonly Pick<MappingsRow, 'type' | 'version' | 'fields'>[],
): Pick<PortalFacts, 'fields' | 'versionOf'> => ({
  fields: mappings.every(({ fields }) => Object.keys(fields).length === 0)
    ? DEFAULT_MAPPED
    : compileMappings(Object.fromEntries(mappings.map(({ type, fields }) => [type, fields]))),
  versionOf: (type) => mappings.find((each) => each.type === type)?.version ?? 1,
})
