import * as z from 'zod'
import { AppRejected, VendorRefused, vendorAnswer } from '../contract.ts'
import type { Wire } from './http.ts'
import { path } from './read.ts'
import { VENDOR } from './verdict.ts'
import { LIMITS } from './wire.ts'
import { errorSaid, namedBy, partialBatch, refusal, type Said } from './written.ts'

/**
 * Events on the timelines of records, which nobody can change once they are there.
 *
 * template   what events of one kind look like; the app's, the same for all portals
 * token      a value that an event of the kind carries
 */

/** An event that is to be put on a record. */
export interface NewHubSpotEvent {
  /** The caller's own and always the same for the same event, so that sending it again puts it there once. */
  id: string
  templateId: string
  /** Of the record, whose type the template says. */
  objectId: string
  /** Cards, keys and tokens in them are masked on the way out. */
  tokens: Readonly<Record<string, string>>
  /** When it happened. Left out, it is the time HubSpot receives it. */
  at?: Date
}

/** An event that was not put on its record. */
export interface HubSpotEventRefusal {
  id: string
  category: string
  /** HubSpot's words, without persons and secrets. */
  message: string
}

export interface HubSpotTimelineToken {
  name: string
  label: string
  type: 'string' | 'number' | 'date' | 'enumeration'
  /** Of an enumeration. */
  options?: readonly { label: string; value: string }[]
  /** The record's property that takes the value of each event. */
  objectPropertyName?: string
}

export interface NewHubSpotTimelineTemplate {
  name: string
  /** Singular, such as `COMPANY`. */
  objectType: string
  /** Handlebars with the tokens' names. */
  headerTemplate: string
  detailTemplate?: string
  tokens: readonly HubSpotTimelineToken[]
}

export interface HubSpotTimelineTemplate {
  id: string
  name: string
  objectType: string
  headerTemplate: string | undefined
  detailTemplate: string | undefined
  tokens: HubSpotTimelineToken[]
}

const words = z.string().optional().catch(undefined)
const token = z
  .object({
    name: z.string(),
    label: z.string().catch(''),
    type: z.enum(['string', 'number', 'date', 'enumeration']).catch('string'),
    options: z.array(z.object({ label: z.string(), value: z.string() })).nullish(),
    objectPropertyName: z.string().nullish(),
  })
  .transform(({ options, objectPropertyName, ...rest }) => ({
    ...rest,
    ...(options && options.length > 0 ? { options } : {}),
    ...(objectPropertyName ? { objectPropertyName } : {}),
  }))
const template = z
  .object({
    id: z.coerce.string(),
    name: z.string(),
    objectType: z.string(),
    headerTemplate: words,
    detailTemplate: words,
    tokens: z.array(token).catch([]),
  })
  .transform(({ headerTemplate, detailTemplate, ...rest }) => ({ ...rest, headerTemplate, detailTemplate }))

const templatesOf = (wire: Wire): string => {
  if (!wire.appId) throw AppRejected.with({ vendor: VENDOR, reason: 'no developer key is given' })
  return path`/integrators/timeline/v3/${wire.appId}/event-templates`
}

/** See `HubSpot.timelineTemplates`. */
export const readTemplates = async (wire: Wire): Promise<HubSpotTimelineTemplate[]> =>
  (
    await wire.send({
      counts: 'setup',
      method: 'GET',
      target: templatesOf(wire),
      byDeveloper: true,
      check: (body) => z.object({ results: z.array(template) }).parse(body),
    })
  ).results

/** See `HubSpot.createTimelineTemplate`. */
export const createTemplate = async (
  wire: Wire,
  made: NewHubSpotTimelineTemplate,
): Promise<HubSpotTimelineTemplate> =>
  await wire.send({
    counts: 'setup',
    method: 'POST',
    target: templatesOf(wire),
    byDeveloper: true,
    body: made,
    write: true,
    check: (body) => template.parse(body),
  })

/** See `HubSpot.createTimelineToken`. */
export const createToken = async (
  wire: Wire,
  templateId: string,
  made: HubSpotTimelineToken,
): Promise<void> => {
  try {
    await wire.send({
      counts: 'setup',
      method: 'POST',
      target: templatesOf(wire) + path`/${templateId}/tokens`,
      byDeveloper: true,
      body: made,
      write: true,
      check: (body) => token.parse(body),
    })
  } catch (error) {
    if (!VendorRefused.is(error) || vendorAnswer(error)?.status !== 409) throw error
  }
}

/** A refused batch is sent again without the events that its answer named. */
const MOST_REMAINDERS = 5

/** See `HubSpot.createTimelineEvents`. */
export const createEvents = async (
  wire: Wire,
  events: readonly NewHubSpotEvent[],
): Promise<HubSpotEventRefusal[]> => {
  if (events.length > LIMITS.timelineEvents)
    throw new RangeError(`${events.length} events: HubSpot takes at most ${LIMITS.timelineEvents} at a time`)
  const refused: HubSpotEventRefusal[] = []
  let left = [...new Map(events.map((event) => [`${event.templateId} ${event.id}`, event])).values()]
  for (let tries = 0; left.length > 0; tries++)
    try {
      const errors = await send(wire, left)
      return [...refused, ...refusedAmong(errors, left)]
    } catch (error) {
      const answer = vendorAnswer(error)
      if (!VendorRefused.is(error) || !answer || tries === MOST_REMAINDERS) throw error
      const said = errorSaid(answer.body)
      const named = left.length === 1 ? left : left.filter((event) => isAbout(said, event))
      if (named.length === 0) throw error
      if (!isThere(said, answer.status)) refused.push(...named.map(({ id }) => ({ id, ...wordsOf(said) })))
      left = left.filter((event) => !named.includes(event))
    }
  return refused
}

const send = (wire: Wire, events: readonly NewHubSpotEvent[]): Promise<Said[]> =>
  wire.send({
    counts: 'write',
    method: 'POST',
    target: '/integrators/timeline/v3/events/batch/create',
    body: {
      inputs: events.map(({ id, templateId, objectId, tokens, at }) => ({
        ...{ id, eventTemplateId: templateId, objectId, tokens },
        ...(at ? { timestamp: at.toISOString() } : {}),
      })),
    },
    write: true,
    empty: [],
    check: partialBatch,
  })

const refusedAmong = (errors: readonly Said[], events: readonly NewHubSpotEvent[]): HubSpotEventRefusal[] => {
  const known = errors.filter((error) => !isThere(error))
  const general = known.find((error) => !events.some((event) => isAbout(error, event)))
  const there = errors.filter((error) => isThere(error))
  return events.flatMap((event) => {
    if (there.some((error) => isAbout(error, event))) return []
    const error = known.find((each) => isAbout(each, event)) ?? general
    return error ? [{ id: event.id, ...wordsOf(error) }] : []
  })
}

const isAbout = (error: Said, { id }: NewHubSpotEvent): boolean =>
  namedBy(error, ['id', 'ids', 'eventId']).has(id)

// An event never changes: one of the same id that is there already is this one.
const isThere = ({ category }: Said, status?: number): boolean =>
  status === 409 || category === 'CONFLICT' || category === 'OBJECT_ALREADY_EXISTS'

const wordsOf = (error: Said) => {
  const { category, message } = refusal(error, '')
  return { category, message }
}
