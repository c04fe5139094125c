import { invalid } from './errors.ts'
import type { Portal } from './portal.ts'
import type { Version } from './table.ts'
import { appended, checkedValues, refuseTaken, refuseUnset, type Values } from './values.ts'

/** How a write is made: by a program through the API, or by a user, whose date may be set for a test. */
export interface WriteOptions {
  /** Instead of the portal's time, epoch milliseconds. */
  at?: number
  /** A user may do what the API may not: move a lifecycle stage back. */
  byUser?: boolean
}

/** Makes a record and answers its row. Throws Refused with HubSpot's answer for what it would refuse. */
export const create = (portal: Portal, type: string, wanted: Values, options: WriteOptions = {}): number =>
  prepareCreate(portal, type, wanted, options)()

/** Checks everything about a new record; what it answers makes it. Throws Refused. */
export const prepareCreate = (
  portal: Portal,
  type: string,
  wanted: Values,
  options: WriteOptions = {},
): (() => number) => {
  const table = portal.table(type)
  const values = checkedValues(portal, type, wanted, options.byUser)
  for (const either of table.facts.required)
    if (!either.some((name) => values[name] != null))
      invalid(
        `Error creating ${table.facts.singular.toUpperCase()}. Some required properties were not set.`,
        {
          context: { properties: [...either] },
        },
      )
  refuseTaken(portal, type, values, undefined)
  refuseUnset(portal, type, values, values)
  if (type === 'deals') values.pipeline ??= portal.pipelines.holding('deals', values.dealstage) ?? 'default'
  if (type === 'tickets')
    values.hs_pipeline ??= portal.pipelines.holding('tickets', values.hs_pipeline_stage) ?? '0'
  return () => {
    const at = options.at ?? portal.now()
    Object.assign(values, workedOut(type, values, at))
    const row = table.add(
      { properties: values, createdAt: at, modifiedAt: at, archivedAt: null, mergedInto: null },
      portal.indexTime(),
      portal.behaviour.indexLagMs,
    )
    table.history.note(row, values, at, portal.source)
    if (portal.ear !== undefined) {
      const id = table.idOf(row)
      portal.tell({ what: 'creation', type, id }, at)
      tellValues(portal, type, id, values, {}, at)
    }
    return row
  }
}

/** Changes a record's properties. The row must be live. Throws Refused. */
export const update = (
  portal: Portal,
  type: string,
  row: number,
  wanted: Values,
  options: WriteOptions = {},
): void => prepareUpdate(portal, type, row, wanted, options)()

/** Checks everything about a change; what it answers makes it. Throws Refused. */
export const prepareUpdate = (
  portal: Portal,
  type: string,
  row: number,
  wanted: Values,
  options: WriteOptions = {},
): (() => void) => {
  const table = portal.table(type)
  const values = checkedValues(portal, type, wanted, options.byUser)
  refuseTaken(portal, type, values, row)
  refuseUnset(portal, type, values, { ...table.standing(row).properties, ...values })
  return () => {
    const standing = table.standing(row)
    const before = standing.properties
    for (const [name, value] of Object.entries(values))
      if (value !== null && table.definitions.get(name)?.fieldType === 'checkbox')
        values[name] = appended(before[name], value)
    // By API a lifecycle stage only moves forward; a step back is dropped without a word, unless the stage was cleared first.
    const stage = values.lifecyclestage
    if (stage != null && options.byUser !== true) {
      const order = table.definitions.get('lifecyclestage')?.options.map((option) => option.value) ?? []
      if (order.indexOf(stage) < order.indexOf(before.lifecyclestage ?? '')) delete values.lifecyclestage
    }
    const at = options.at ?? portal.now()
    Object.assign(values, workedOut(type, values, at))
    table.history.note(row, values, at, portal.source, {
      properties: before,
      since: table.generatedAt(standing),
    })
    replace(portal, type, row, { properties: values, modifiedAt: at })
    if (portal.ear !== undefined) tellValues(portal, type, table.idOf(row), values, before, at)
  }
}

// What HubSpot itself writes beside what was sent.
const workedOut = (type: string, { hs_task_status: status }: Values, at: number): Values =>
  type === 'tasks' && status !== undefined
    ? { hs_task_completion_date: status === 'COMPLETED' ? new Date(at).toISOString() : null }
    : {}

const tellValues = (
  portal: Portal,
  type: string,
  id: string,
  values: Values,
  before: Values,
  at: number,
): void => {
  for (const [property, value] of Object.entries(values))
    if (value !== (before[property] ?? null))
      portal.tell({ what: 'propertyChange', type, id, property, value: value ?? '' }, at)
}

/** Archives a record; archiving it again changes nothing. */
export const archive = (portal: Portal, type: string, row: number, options: WriteOptions = {}): void => {
  const table = portal.table(type)
  if (!table.isLive(row)) return
  const at = options.at ?? portal.now()
  replace(portal, type, row, { archivedAt: at, modifiedAt: at })
  portal.tell({ what: 'deletion', type, id: table.idOf(row) }, at)
}

/** Brings an archived record back. */
export const restore = (portal: Portal, type: string, row: number, options: WriteOptions = {}): void => {
  const table = portal.table(type)
  if (table.version(row)?.archivedAt == null) return
  const at = options.at ?? portal.now()
  replace(portal, type, row, { archivedAt: null, modifiedAt: at })
  portal.tell({ what: 'restore', type, id: table.idOf(row) }, at)
}

/** Deletes a contact for good: nothing of it is left, and its address may not come back. */
export const purge = (portal: Portal, row: number): void => {
  const [type, table, at] = ['contacts', portal.table('contacts'), portal.now()]
  const { id, properties } = table.standing(row)
  for (const address of [properties.email, ...(properties.hs_additional_emails?.split(';') ?? [])])
    if (address) portal.blockedEmails.add(address.toLowerCase())
  for (const other of portal.types())
    for (const edge of portal.edges.of(type, row, other)) portal.edges.remove(type, row, other, edge.row)
  replace(portal, type, row, { archivedAt: at, modifiedAt: at, purged: true })
  portal.tell({ what: 'privacyDeletion', type, id }, at)
  portal.tell({ what: 'deletion', type, id }, at)
}

/** Puts a changed version of a row in place, and tells nobody. */
export const replace = (portal: Portal, type: string, row: number, change: Partial<Version>): void => {
  const table = portal.table(type)
  const old = table.version(row)
  const base: Version = old ?? {
    properties: {},
    createdAt: table.standing(row).createdAt,
    modifiedAt: 0,
    archivedAt: null,
    mergedInto: null,
  }
  table.put(
    row,
    { ...base, ...change, properties: { ...base.properties, ...change.properties } },
    portal.indexTime(),
    portal.behaviour.indexLagMs,
  )
}

/** Gives a record another modified time and nothing else, as a bulk edit does. */
export const touch = (portal: Portal, type: string, row: number, at: number): void =>
  replace(portal, type, row, { modifiedAt: at })
