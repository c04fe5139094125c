import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { Pipeline, PipelineStage } from '../setup-wire.ts'
import { jsonBody } from './asking.ts'
import { errorReply, invalid, notFound } from './errors.ts'
import { type PipelineAudit, placeOf } from './pipelines.ts'
import type { Portal } from './portal.ts'

interface StageWrite {
  label?: string
  displayOrder?: number
  metadata?: Record<string, string>
  archived?: boolean
}
interface PipelineWrite {
  label?: string
  displayOrder?: number
  stages?: StageWrite[]
  archived?: boolean
}

const iso = (portal: Portal): string => new Date(portal.now()).toISOString()

const note = (
  portal: Portal,
  action: PipelineAudit['action'],
  identifier: string,
  rawObject: unknown,
): void =>
  portal.pipelines.note({
    portalId: Number(portal.id),
    identifier,
    action,
    timestamp: iso(portal),
    fromUserId: 5_500,
    rawObject,
  })

const newStage = (
  portal: Portal,
  type: string,
  { label, displayOrder, metadata }: StageWrite,
): PipelineStage => {
  if (!label) return invalid('label is required for a stage')
  const probability = metadata?.probability
  if (
    type === 'deals' &&
    (probability === undefined || !(Number(probability) >= 0 && Number(probability) <= 1))
  )
    invalid('metadata.probability is required and must be between 0.0 and 1.0')
  const at = iso(portal)
  const own: Record<string, string> =
    type === 'deals'
      ? { isClosed: String(Number(probability) === 0 || Number(probability) === 1) }
      : type === 'tickets'
        ? { ticketState: 'OPEN' }
        : {}
  return {
    id: portal.pipelines.newId(),
    label,
    displayOrder: displayOrder ?? 0,
    metadata: { ...own, ...metadata },
    createdAt: at,
    updatedAt: at,
    archived: false,
  }
}

const ordered = (stages: readonly PipelineStage[]): PipelineStage[] =>
  [...stages].sort((a, b) => a.displayOrder - b.displayOrder)

// Deals and tickets are looked through one by one: nobody deletes stages often.
const refuseUsed = (portal: Portal, type: string, stageIds: readonly string[]): void => {
  const place = placeOf(type)
  if (place === undefined) return
  const table = portal.table(type)
  for (let row = 0; row < table.size; row += 1)
    if (table.isLive(row) && stageIds.includes(table.standing(row).properties[place.stage] ?? ''))
      invalid(`Stage IDs ${stageIds.join(', ')} are being referenced by object ID ${table.idOf(row)}`, {
        subCategory: 'PipelineError.STAGE_ID_IN_USE',
      })
}

/** `/crm/v3/pipelines/{t}` and below. */
export const pipelines = (
  portal: Portal,
  type: string,
  request: SimRequest,
  rest: readonly string[],
): SimReply => {
  const [id, word, stageId, tail] = rest
  const { method } = request
  const all = portal.pipelines
  if (id === undefined) {
    if (method === 'GET') return { status: 200, body: { results: all.list(type) } }
    return method === 'POST' ? { status: 201, body: made(portal, type, request) } : notFound()
  }
  if (word === undefined) return pipeline(portal, type, request, id)
  if (word === 'audit' && method === 'GET') return { status: 200, body: { results: all.audits(id) } }
  if (word !== 'stages') return notFound()
  // HubSpot's client asks for it without naming the pipeline: it leaves `{pipelineId}` in the path.
  if (stageId !== undefined && tail === 'audit' && method === 'GET')
    return { status: 200, body: { results: all.audits(stageId) } }
  const parent = all.find(type, id)
  if (stageId === undefined) {
    if (method === 'GET') return { status: 200, body: { results: parent.stages } }
    if (method !== 'POST') return notFound()
    const stage = newStage(portal, type, jsonBody<StageWrite>(request))
    keepStages(portal, type, parent, [...parent.stages, stage])
    note(portal, 'CREATE', stage.id, stage)
    return { status: 201, body: stage }
  }
  return tail === undefined ? stage(portal, type, request, parent, stageId) : notFound()
}

const made = (portal: Portal, type: string, request: SimRequest): Pipeline => {
  const write = jsonBody<PipelineWrite>(request)
  if (!write.label) return invalid('label is required')
  if (portal.pipelines.list(type).some(({ label }) => label === write.label))
    invalid(`A pipeline with the label ${write.label} exists already`, {
      subCategory: 'PipelineError.PIPELINE_LABEL_EXISTS',
    })
  const at = iso(portal)
  const pipeline: Pipeline = {
    id: portal.pipelines.newId(),
    label: write.label,
    displayOrder: write.displayOrder ?? 0,
    stages: ordered((write.stages ?? []).map((stage) => newStage(portal, type, stage))),
    createdAt: at,
    updatedAt: at,
    archived: false,
  }
  portal.pipelines.put(type, pipeline)
  note(portal, 'CREATE', pipeline.id, pipeline)
  for (const stage of pipeline.stages) note(portal, 'CREATE', stage.id, stage)
  return pipeline
}

const pipeline = (portal: Portal, type: string, request: SimRequest, id: string): SimReply => {
  const old = portal.pipelines.find(type, id)
  const { method } = request
  if (method === 'GET') return { status: 200, body: old }
  if (method === 'DELETE') {
    refuseUsed(
      portal,
      type,
      old.stages.map((stage) => stage.id),
    )
    portal.pipelines.remove(type, id)
    note(portal, 'DELETE', id, old)
    return { status: 204 }
  }
  if (method !== 'PATCH' && method !== 'PUT') return methodNotAllowed()
  const { label = old.label, displayOrder = old.displayOrder, stages } = jsonBody<PipelineWrite>(request)
  const changed: Pipeline = { ...old, label, displayOrder, updatedAt: iso(portal) }
  if (method === 'PUT') {
    // Everything is replaced, so that stages in use would be lost.
    refuseUsed(
      portal,
      type,
      old.stages.map((stage) => stage.id),
    )
    changed.stages = ordered((stages ?? []).map((stage) => newStage(portal, type, stage)))
  }
  portal.pipelines.put(type, changed)
  note(portal, 'UPDATE', id, changed)
  return { status: 200, body: changed }
}

const stage = (
  portal: Portal,
  type: string,
  request: SimRequest,
  parent: Pipeline,
  stageId: string,
): SimReply => {
  const old = portal.pipelines.stage(type, parent.id, stageId)
  const others = parent.stages.filter((other) => other.id !== stageId)
  const { method } = request
  if (method === 'GET') return { status: 200, body: old }
  if (method === 'DELETE') {
    refuseUsed(portal, type, [stageId])
    keepStages(portal, type, parent, others)
    note(portal, 'DELETE', stageId, old)
    return { status: 204 }
  }
  if (method !== 'PATCH' && method !== 'PUT') return methodNotAllowed()
  const write = jsonBody<StageWrite>(request)
  const base = method === 'PUT' ? newStage(portal, type, write) : old
  const changed: PipelineStage = {
    ...base,
    id: stageId,
    label: write.label ?? base.label,
    displayOrder: write.displayOrder ?? base.displayOrder,
    metadata: { ...base.metadata, ...write.metadata },
    createdAt: old.createdAt,
    updatedAt: iso(portal),
  }
  keepStages(portal, type, parent, [...others, changed])
  note(portal, 'UPDATE', stageId, changed)
  return { status: 200, body: changed }
}

const keepStages = (portal: Portal, type: string, parent: Pipeline, stages: readonly PipelineStage[]): void =>
  portal.pipelines.put(type, { ...parent, stages: ordered(stages), updatedAt: iso(portal) })

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })
