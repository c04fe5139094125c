import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { TimelineEvent, TimelineEventWrite, TimelineTemplate } from '../app-wire.ts'
import { type BatchError, LIMITS } from '../wire.ts'
import { inputsOf, jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, conflict, invalid, notFound, Refused } from './errors.ts'
import { findLive } from './find.ts'
import type { Portal } from './portal.ts'
import type { TimelineTemplates } from './timeline-templates.ts'
import { instant } from './values.ts'
import { create, update } from './write.ts'

/** `/integrators/timeline/v3/events` and below. */
export const timelineEvents = (
  portal: Portal,
  templates: TimelineTemplates,
  request: SimRequest,
  rest: readonly string[],
): SimReply => {
  const [first, second, view] = rest
  if (request.method === 'POST') {
    if (first === undefined)
      return { status: 201, body: make(portal, templates, jsonBody<TimelineEventWrite>(request)) }
    return first === 'batch' && second === 'create' ? batch(portal, templates, request) : notFound()
  }
  if (request.method !== 'GET' || first === undefined || second === undefined) return notFound()
  const event = portal.timeline.find(first, second) ?? notFound('resource not found', { id: [second] })
  const template = templates.find(first)
  if (view === undefined) return { status: 200, body: event }
  const details = filled(template.detailTemplate ?? '', event)
  if (view === 'detail') return { status: 200, body: { details } }
  if (view !== 'render') return notFound()
  const wantsDetail = request.query.get('detail') === 'true'
  const html = wantsDetail ? details : filled(template.headerTemplate ?? '', event)
  return { status: 200, body: JSON.stringify(html) }
}

const batch = (portal: Portal, templates: TimelineTemplates, request: SimRequest): SimReply => {
  const results: TimelineEvent[] = []
  const errors: BatchError[] = []
  for (const input of inputsOf<TimelineEventWrite>(request, LIMITS.timelineEvents))
    try {
      results.push(make(portal, templates, input))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      errors.push(asBatchError(error, { id: [String(input.id)] }))
    }
  return batchReply(portal, results, errors, 201)
}

// Templates are Handlebars at HubSpot; the simulator fills in names and leaves the rest.
const filled = (template: string, { tokens }: TimelineEvent): string =>
  template.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, name: string) => tokens[name] ?? '')

const make = (portal: Portal, templates: TimelineTemplates, write: TimelineEventWrite): TimelineEvent => {
  if (!write.eventTemplateId) return invalid('eventTemplateId is required')
  const template = templates.find(String(write.eventTemplateId))
  if (write.id !== undefined && portal.timeline.find(template.id, write.id) !== undefined)
    return conflict(`An event with the id ${write.id} exists already.`)
  const tokens = checkedTokens(template, write.tokens ?? {})
  const type = portal.typeNamed(template.objectType) ?? invalid(`No object type ${template.objectType}`)
  const row = rowOf(portal, type, write)
  stamp(portal, type, row, template, tokens)
  const at = new Date(portal.now()).toISOString()
  const { timestamp, id, ...rest } = write
  const event: TimelineEvent = {
    ...rest,
    eventTemplateId: template.id,
    id: id ?? portal.timeline.newId(),
    objectType: template.objectType,
    objectId: portal.table(type).idOf(row),
    tokens,
    timestamp: timestamp === undefined ? at : new Date(instant(String(timestamp))).toISOString(),
    createdAt: at,
  }
  portal.timeline.add(event)
  return event
}

const checkedTokens = (
  template: TimelineTemplate,
  given: Readonly<Record<string, unknown>>,
): Record<string, string> => {
  const tokens: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) {
    const token = template.tokens.find((known) => known.name === name)
    if (token === undefined) return invalid(`The template has no token ${name}`)
    const text = String(value)
    const isWrong =
      (token.type === 'number' && !Number.isFinite(Number(text))) ||
      (token.type === 'date' && Number.isNaN(instant(text))) ||
      (token.type === 'enumeration' && !token.options?.some((option) => option.value === text))
    if (isWrong) return invalid(`${text} is not a valid ${token.type} for token ${name}`)
    tokens[name] = text
  }
  return tokens
}

// An unknown address makes a contact; everything else must be there.
const rowOf = (portal: Portal, type: string, { objectId, email, domain }: TimelineEventWrite): number => {
  if (objectId !== undefined) return findLive(portal, type, String(objectId)) ?? notFound()
  const table = portal.table(type)
  if (email !== undefined && type === 'contacts')
    return table.rowBy('email', email) ?? create(portal, type, { email })
  if (domain !== undefined && type === 'companies') {
    for (let row = 0; row < table.size; row += 1)
      if (table.isLive(row) && table.standing(row).properties.domain === domain) return row
    return notFound(`No company has the domain ${domain}`)
  }
  return invalid('One of objectId, email or domain is required')
}

const stamp = (
  portal: Portal,
  type: string,
  row: number,
  template: TimelineTemplate,
  tokens: Readonly<Record<string, string>>,
): void => {
  const values = Object.fromEntries(
    template.tokens.flatMap(({ name, objectPropertyName }) =>
      objectPropertyName !== undefined && tokens[name] !== undefined
        ? [[objectPropertyName, tokens[name]]]
        : [],
    ),
  )
  if (Object.keys(values).length > 0) update(portal, type, row, values)
}
