import { localIdIn, namesOf, placeholderOf } from '../links.ts'
import type { Work } from '../page.ts'
import type { Ahead } from '../pending.ts'
import type { Plan } from '../plan.ts'
import type { FieldValue } from '../values.ts'
import type { PlanItem } from './items.ts'

/** How records of ours will stand once what a comparison found has been brought over, by local id. Records without news are absent. */
export const aheadOf = ({ updates, gone, decisions }: Plan): Map<string, Ahead> => {
  const open = Map.groupBy(
    decisions.filter(({ outcome }) => outcome === 'open'),
    ({ localId }) => localId,
  )
  const openOf = (localId: string) => new Set(open.get(localId)?.map(({ field }) => field))
  const found = new Map<string, Ahead>()
  for (const [localId, [first]] of open)
    found.set(localId, { externalId: first?.externalId ?? '', isGone: false, open: openOf(localId) })
  for (const { externalId, localId } of gone)
    found.set(localId, { externalId, isGone: true, open: new Set() })
  // What is to be made there again has gone and is new.
  for (const { externalId, localId, values: held, base } of updates)
    found.set(localId, { externalId, isGone: false, values: { held, base }, open: openOf(localId) })
  return found
}

/** Types in the order in which they are written: what others name comes before them. */
export const typesInOrder = ({ out, source }: Work, types: readonly string[]): string[] => {
  const order = out.writes ?? source.types.map(({ type }) => type)
  const place = (type: string) => (order.includes(type) ? order.indexOf(type) : order.length)
  return [...types].sort((a, b) => place(a) - place(b))
}

/** Placeholders of records that items name in lists of links. */
export const placeholdersIn = (items: readonly Pick<PlanItem, 'fields'>[]): Set<string> =>
  new Set(
    items.flatMap(({ fields }) =>
      Object.values(fields).flatMap(({ to }) =>
        isList(to) ? to.flatMap((text) => placeholderIn(text) ?? []) : [],
      ),
    ),
  )

const isList = (value: FieldValue): value is readonly string[] => Array.isArray(value)

/** The source marks links behind the id. */
const placeholderIn = (text: string): string | undefined => {
  const id = localIdIn(text)?.slice(0, 36)
  return id === undefined ? undefined : placeholderOf(id)
}

/**
 * What values of items are by now: records that they name by placeholders may have got their ids meanwhile, by what the plan itself has
 * done. One statement, none when nothing is named so.
 */
export const namedNow = async (
  tx: object,
  place: { orgId: string; connectionId: string },
  items: readonly Pick<PlanItem, 'fields'>[],
): Promise<(value: FieldValue) => FieldValue> => {
  const placeholders = [...placeholdersIn(items)]
  const names = placeholders.length > 0 ? await namesOf(tx, place, placeholders) : new Map<string, string>()
  return (value) =>
    names.size > 0 && isList(value) ? value.map((text) => namedIn(text, names)).sort() : value
}

const namedIn = (text: string, names: ReadonlyMap<string, string>): string => {
  const placeholder = placeholderIn(text)
  const name = placeholder && names.get(placeholder)
  return placeholder && name ? `${name}${text.slice(placeholder.length)}` : text
}
