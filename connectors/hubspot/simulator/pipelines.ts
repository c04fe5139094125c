import type { Pipeline, PipelineStage, PropertyOption } from '../setup-wire.ts'
import type { WrongValue } from './errors.ts'
import { invalid, notFound } from './errors.ts'
import { PIPELINES } from './facts.ts'

/** One change of a pipeline or of a stage. */
export interface PipelineAudit {
  portalId: number
  /** Of the pipeline or stage that was changed. */
  identifier: string
  action: 'CREATE' | 'UPDATE' | 'DELETE'
  timestamp: string
  fromUserId: number
  rawObject: unknown
}

/** The properties that say where in a pipeline a record is. */
const PLACES: Readonly<Record<string, { pipeline: string; stage: string }>> = {
  deals: { pipeline: 'pipeline', stage: 'dealstage' },
  tickets: { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' },
}
/** The properties of a type that name its pipeline and stage; undefined for types without pipelines of HubSpot's own. */
export const placeOf = (type: string): { pipeline: string; stage: string } | undefined => PLACES[type]

const wrong = (name: string, value: string, allowed: readonly string[]): WrongValue => ({
  name,
  message: `${value} was not one of the allowed options: ${JSON.stringify(allowed)}`,
  error: 'INVALID_OPTION',
})

/** The pipelines of one portal. Definitions are replaced, never altered. */
export class Pipelines {
  readonly #byType = new Map<string, Pipeline[]>(
    Object.entries(PIPELINES).map(([type, list]) => [type, [...list]]),
  )
  readonly #audits = new Map<string, PipelineAudit[]>()
  #given = 90_000_000

  list = (type: string): readonly Pipeline[] => this.#byType.get(type) ?? []
  find = (type: string, id: string): Pipeline =>
    this.list(type).find((pipeline) => pipeline.id === id) ?? notFound('resource not found', { id: [id] })
  stage = (type: string, id: string, stageId: string): PipelineStage =>
    this.find(type, id).stages.find((stage) => stage.id === stageId) ??
    notFound('resource not found', { id: [stageId] })
  newId(): string {
    this.#given += 1
    return String(this.#given)
  }

  put(type: string, pipeline: Pipeline): void {
    const others = this.list(type).filter((other) => other.id !== pipeline.id)
    this.#byType.set(
      type,
      [...others, pipeline].sort((a, b) => a.displayOrder - b.displayOrder),
    )
  }
  remove(type: string, id: string): void {
    if (this.list(type).length === 1) invalid('The last pipeline cannot be deleted')
    this.#byType.set(
      type,
      this.list(type).filter((pipeline) => pipeline.id !== id),
    )
  }

  /** The choices of the properties that name a pipeline or a stage; undefined for other properties. */
  optionsOf(type: string, property: string): PropertyOption[] | undefined {
    const place = PLACES[type]
    const all = this.list(type)
    const option = (label: string, value: string, displayOrder: number): PropertyOption => ({
      label,
      value,
      displayOrder,
      hidden: false,
    })
    if (property === place?.pipeline) return all.map(({ id, label }, i) => option(label, id, i))
    if (property !== place?.stage) return undefined
    const stages = all.flatMap((pipeline) =>
      // HubSpot tells stages of one name apart by their pipelines.
      pipeline.stages.map(({ id, label }) => [id, `${label} (${pipeline.label})`] as const),
    )
    return stages.map(([id, label], i) => option(label, id, i))
  }

  note(audit: PipelineAudit): void {
    this.#audits.set(audit.identifier, [audit, ...this.audits(audit.identifier)])
  }
  audits = (identifier: string): PipelineAudit[] => this.#audits.get(identifier) ?? []

  /** The pipeline that has a stage. */
  holding = (type: string, stage: string | null | undefined): string | undefined =>
    this.list(type).find(({ stages }) => stages.some(({ id }) => id === stage))?.id

  /** What is wrong with the pipeline and the stage that a write gives. */
  faultsOf(type: string, values: Readonly<Record<string, string | null>>): WrongValue[] {
    const place = PLACES[type]
    if (place === undefined) return []
    const [id, stage] = [values[place.pipeline], values[place.stage]]
    const all = this.list(type)
    const pipeline = all.find((candidate) => candidate.id === id)
    if (id != null && pipeline === undefined)
      return [
        wrong(
          place.pipeline,
          id,
          all.map((p) => p.id),
        ),
      ]
    const stages = (pipeline === undefined ? all : [pipeline]).flatMap((p) => p.stages.map((s) => s.id))
    return stage == null || stages.includes(stage) ? [] : [wrong(place.stage, stage, stages)]
  }

  /** The properties that HubSpot works out from a deal's stage. */
  derivedOfDeal(stageId: string | null): Record<string, string | null> {
    const stage = this.list('deals')
      .flatMap((pipeline) => pipeline.stages)
      .find(({ id }) => id === stageId)
    const probability = stage?.metadata.probability ?? null
    return {
      hs_is_closed: String(stage?.metadata.isClosed === 'true'),
      hs_is_closed_won: String(stage?.metadata.isClosed === 'true' && Number(probability) === 1),
      hs_deal_stage_probability: probability,
    }
  }
}
