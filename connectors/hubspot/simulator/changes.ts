import { ControlRefusal } from '#connectors/simulator/index.ts'
import { Refused } from './errors.ts'
import { findLive } from './find.ts'
import { BY_HAND, type Source } from './happening.ts'
import { merge } from './merge.ts'
import type { Portal } from './portal.ts'
import { relate, relateByDefault, unrelate } from './relate.ts'
import { instant } from './values.ts'
import { archive, create, purge, restore, touch, update } from './write.ts'

/**
 * What a user does. Without `id` the record is made. `at` sets the modified time (ISO 8601 or milliseconds) instead of the portal's own.
 * `touch: n` gives the first n generated records (from `from`) the modified time `at`, the same for all, as a bulk edit does.
 */
export interface Change {
  id?: string
  properties?: Record<string, string | null>
  at?: string | number
  archive?: boolean
  restore?: boolean
  /** Deletes a contact for good. */
  purge?: boolean
  /** The record that goes up in this one. */
  merge?: string
  associate?: { to: string; id: string; primary?: boolean; typeId?: number }
  dissociate?: { to: string; id: string; typeId?: number }
  touch?: number
  from?: number
  /** Who does it, as webhooks will say; a user at a screen unless told otherwise. */
  source?: Partial<Source>
}

/** A type by any of its names. Throws ControlRefusal for one that the portal does not have. */
export const typeOf = (portal: Portal, name: string): string => {
  const type = portal.typeNamed(name)
  if (type === undefined) throw new ControlRefusal(`${name} is not one of ${portal.types().join(', ')}`)
  return type
}

/** Lets HubSpot's refusals come out as refusals of the control plane. */
export const asControl = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refused) throw new ControlRefusal(JSON.stringify(error.reply.body))
    throw error
  }
}

/** Plays changes in order and answers the records they concerned. Throws ControlRefusal for what HubSpot would refuse. */
export const changeAll = (portal: Portal, typeName: string, changes: unknown): { id: string }[] => {
  const type = portal.typeNamed(typeName)
  if (type === undefined || !Array.isArray(changes))
    throw new ControlRefusal('changes need a type and a list')
  return changes.map((change: Change) =>
    portal.as({ ...BY_HAND, ...change.source }, () =>
      asControl(() => ({ id: changeOne(portal, type, change) })),
    ),
  )
}

const changeOne = (portal: Portal, type: string, change: Change): string => {
  const table = portal.table(type)
  const at = change.at === undefined ? undefined : instant(String(change.at))
  const options = { byUser: true, ...(at === undefined ? {} : { at }) }
  if (change.touch !== undefined) {
    const from = change.from ?? 0
    for (let row = from; row < Math.min(from + change.touch, table.size); row += 1)
      touch(portal, type, row, at ?? portal.now())
    return table.idOf(from)
  }
  if (change.id === undefined) {
    const row = create(portal, type, change.properties ?? {}, options)
    if (change.associate !== undefined) associate(portal, type, row, change.associate)
    return table.idOf(row)
  }
  const row = table.rowOf(change.id)
  if (row === undefined) throw new ControlRefusal(`there is no record ${change.id} of type ${type}`)
  if (change.properties !== undefined) update(portal, type, row, change.properties, options)
  if (change.archive === true) archive(portal, type, row, options)
  if (change.restore === true) restore(portal, type, row, options)
  if (change.purge === true && type === 'contacts') purge(portal, row)
  if (change.associate !== undefined) associate(portal, type, row, change.associate)
  if (change.dissociate !== undefined) dissociate(portal, type, row, change.dissociate)
  const isOtherwiseIdle =
    change.properties === undefined && change.archive !== true && change.restore !== true
  if (isOtherwiseIdle && at !== undefined) touch(portal, type, row, at)
  if (change.merge === undefined) return change.id
  const merged = findLive(portal, type, change.merge)
  if (merged === undefined) throw new ControlRefusal(`there is no live record ${change.merge} to merge`)
  return table.idOf(merge(portal, type, row, merged))
}

const other = (portal: Portal, type: string, row: number, { to, id }: { to: string; id: string }) => {
  const named = portal.typeNamed(to)
  const target = named === undefined ? undefined : portal.table(named).rowOf(id)
  if (named === undefined || target === undefined) throw new ControlRefusal(`there is no ${to} ${id}`)
  return { type, row, to: named, other: target }
}

const associate = (
  portal: Portal,
  type: string,
  row: number,
  wish: { to: string; id: string; primary?: boolean; typeId?: number },
): void => {
  const between = other(portal, type, row, wish)
  const ids = relateByDefault(portal, between)
  const more = wish.primary === true ? portal.associations.primary(type, between.to) : wish.typeId
  if (more !== undefined) relate(portal, between, [...ids, more])
}

const dissociate = (
  portal: Portal,
  type: string,
  row: number,
  wish: { to: string; id: string; typeId?: number },
): void =>
  unrelate(portal, other(portal, type, row, wish), wish.typeId === undefined ? undefined : [wish.typeId])

/** What an import brings. */
export interface Import {
  /** How many records it makes. */
  create?: number
  /** How many of those that are there it changes, from row `from`. */
  update?: number
  from?: number
  /** Given to every record; `#` stands for a number that differs. */
  properties?: Record<string, string>
}

// What an imported record has at least, so that HubSpot takes it.
const LEAST: Readonly<Record<string, Record<string, string>>> = {
  companies: { name: 'Imported company #' },
  contacts: { email: 'imported.#@imported-contacts.com' },
  deals: { dealname: 'Imported deal #', dealstage: 'appointmentscheduled' },
  tickets: { subject: 'Imported ticket #', hs_pipeline_stage: '1' },
  tasks: { hs_task_subject: 'Imported task #', hs_timestamp: '2026-11-20T10:00:00.000Z' },
  notes: { hs_note_body: 'Imported note #', hs_timestamp: '2026-11-20T10:00:00.000Z' },
}

let imports = 0

/** Changes a portal as a file of rows does: many records at once. Answers how many. Throws ControlRefusal. */
export const importRecords = (
  portal: Portal,
  type: string,
  wish: Import,
): { created: number; updated: number } => {
  imports += 1
  const table = portal.table(type)
  const filled = (values: Record<string, string>, n: number) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, value.replaceAll('#', String(n))]),
    )
  let updated = 0
  portal.as({ changeSource: 'IMPORT', sourceId: String(imports) }, () =>
    asControl(() => {
      for (let i = 0; i < (wish.create ?? 0); i += 1)
        create(portal, type, filled({ ...LEAST[type], ...wish.properties }, table.size), { byUser: true })
      const from = wish.from ?? 0
      for (let row = from; row < Math.min(from + (wish.update ?? 0), table.size); row += 1)
        if (table.isLive(row)) {
          update(portal, type, row, filled(wish.properties ?? {}, row), { byUser: true })
          updated += 1
        }
    }),
  )
  return { created: wish.create ?? 0, updated }
}
