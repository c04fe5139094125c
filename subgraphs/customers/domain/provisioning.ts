import { idFrom } from '#kernel/ids.ts'
import { withoutPersons } from '#kernel/mask.ts'
import type { CatalogProperty } from './catalog.ts'
import { type Granted, isOn, missingOf } from './features.ts'
import { RECORD_TYPES, type RecordType } from './kinds.ts'
import { type OwnedType, type OwnObject, type OwnObjectType, ownObjects } from './own-objects.ts'
import { INSTEAD_OF_OBJECTS, OWN_GROUPS, OWN_PROPERTIES, type OwnProperty } from './own-properties.ts'

/**
 * Provisioning a portal: what the hub wants it to have, held against what it has.
 *
 * item     one thing that the hub wants there: a group, a property, a kind of record, a link between kinds
 * survey   what a portal was found to have
 * barred   what may not be looked at or made, with why and what to do
 */
export type ItemKind = 'GROUP' | 'PROPERTY' | 'OBJECT_TYPE' | 'ASSOCIATION'

/**
 * THERE: nothing to do. TO_MAKE: lacking. IN_THE_WAY: there, and something else: somebody's, left alone. BARRED: may not be made.
 * Once tried: MADE, or NOT_MADE.
 */
export type ItemState = 'THERE' | 'TO_MAKE' | 'IN_THE_WAY' | 'BARRED' | 'MADE' | 'NOT_MADE'

export interface Item {
  kind: ItemKind
  type: OwnedType
  name: string
  label: string
  state: ItemState
  /** What is wrong and what to do, for people. Null when nothing is. */
  message: string | null
  fix: string | null
}

export const keyOf = ({ kind, type, name }: Pick<Item, 'kind' | 'type' | 'name'>): string =>
  `${kind} ${type} ${name}`

export interface Trouble {
  message: string
  fix: string
}

export type FoundProperty = Pick<CatalogProperty, 'name' | 'kind' | 'options' | 'isUnique' | 'isReadOnly'>

/** A made-up kind of record that a portal has. */
export interface FoundObject {
  /** As `2-4711`. */
  typeId: string
  name: string
  properties: readonly FoundProperty[]
  /** The group its properties are in. */
  group: string
  /** The numbers of the kinds its records can be linked to, in either direction. */
  linkedTo: readonly string[]
}

/** What came of an item. */
export type Outcome = Pick<Item, 'state' | 'message' | 'fix'>

export interface Survey {
  properties: ReadonlyMap<RecordType, readonly FoundProperty[] | Trouble>
  /** Of the kinds that lack a property: only there a group may be wanted. */
  groups: ReadonlyMap<RecordType, readonly string[]>
  objects: readonly FoundObject[] | Trouble
  /** Names of made-up kinds that were given up and still hold them; null when nobody had to look. */
  givenUp: readonly string[] | null
}

export const isTrouble = <T extends object>(found: T | Trouble): found is Trouble => 'fix' in found

/** What a connection wants of its portal, and what it may not do there. */
export interface Wanted {
  properties: ReadonlyMap<RecordType, readonly OwnProperty[] | Trouble>
  objects: readonly OwnObject[]
  /** Set when the portal has no room for kinds of records of our own. */
  objectsBarred: Trouble | null
}

const SCHEMA_SCOPES: Readonly<Record<RecordType, readonly string[]>> = {
  companies: ['crm.schemas.companies.write'],
  contacts: ['crm.schemas.contacts.write'],
  deals: ['crm.schemas.deals.write'],
  tickets: ['tickets'],
  // HubSpot goes by the scopes of contacts for activities.
  tasks: ['crm.schemas.contacts.write'],
  notes: ['crm.schemas.contacts.write'],
}

/** What lacks a scope, with what to do about it. */
export const ungranted = (what: string, scopes: readonly string[]): Trouble => ({
  message: `HubSpot does not grant ${scopes.join(', ')}, so nothing is made for ${what}.`,
  fix: `Connect again and grant it, or have somebody make them in HubSpot.`,
})

const noObjects = (scopes: readonly string[]): Trouble => ({
  message: `The portal keeps no trunks and numbers as records of their own${scopes.length > 0 ? `: HubSpot does not grant ${scopes.join(', ')}` : ''}. They are written as properties of the company instead.`,
  fix: 'Nothing needs to be done. To have them as records, use a portal with custom objects (HubSpot Enterprise) and grant these scopes.',
})

/** What the hub wants of a portal, by what was granted and how the connection is set. Pure. */
export const wantedOf = (granted: Granted & { sends_addresses: boolean }): Wanted => {
  const custom = ['read', 'write'].flatMap((way) => [
    `crm.objects.custom.${way}`,
    `crm.schemas.custom.${way}`,
  ])
  const objectsBarred = isOn(granted, 'CUSTOM_OBJECTS') ? null : noObjects(missingOf(granted, custom))
  return {
    properties: new Map(
      RECORD_TYPES.map((type) => {
        const lacking = missingOf(granted, SCHEMA_SCOPES[type])
        return [type, lacking.length > 0 ? ungranted(type, lacking) : ownOf(type, objectsBarred !== null)]
      }),
    ),
    objects: ownObjects(granted.sends_addresses),
    objectsBarred,
  }
}

/** The own properties of a kind of record. @param isFallback whether trunks and numbers are written to the company */
export const ownOf = (type: RecordType, isFallback: boolean): readonly OwnProperty[] =>
  type === 'companies' && isFallback
    ? [...OWN_PROPERTIES.companies, ...INSTEAD_OF_OBJECTS]
    : OWN_PROPERTIES[type]

/** The same wants, once a portal has refused to tell of its made-up kinds. Pure. */
export const withoutObjects = (wanted: Wanted): Wanted => {
  const companies = wanted.properties.get('companies')
  if (wanted.objectsBarred || !companies) return wanted
  const properties = new Map(wanted.properties)
  if (!isTrouble(companies)) properties.set('companies', ownOf('companies', true))
  return { ...wanted, properties, objectsBarred: noObjects([]) }
}

/** What is to be made, in the order of making it. */
export interface Making {
  groups: readonly { type: RecordType; name: string; label: string }[]
  properties: readonly { type: RecordType; properties: readonly OwnProperty[] }[]
  objects: readonly OwnObject[]
  /** Properties that own objects lack which are there. */
  objectProperties: readonly { type: OwnObjectType; found: FoundObject; properties: readonly OwnProperty[] }[]
  /** Links between kinds that are there: those of new ones are made with them. */
  associations: readonly { from: OwnObjectType; to: OwnObject['linkedTo'][number] }[]
}

export interface ProvisioningPlan {
  items: readonly Item[]
  making: Making
  /** Of everything above: another one when the portal, the grants or the settings have moved. */
  hash: string
  /** How many requests making it takes, those to look first included. */
  requests: number
}

/** HubSpot makes at most so many properties in a request. */
export const MOST_AT_ONCE = 100

/** The own properties that are not there. Pure. */
export const lackingOf = (wanted: readonly OwnProperty[], found: readonly FoundProperty[]): OwnProperty[] => {
  const names = new Set(found.map(({ name }) => name))
  return wanted.filter(({ name }) => !names.has(name))
}

/** Holds what is wanted against what was found. Pure. */
export const planProvisioning = (wanted: Wanted, survey: Survey): ProvisioningPlan => {
  const items: Item[] = []
  const groups: Making['groups'][number][] = []
  const properties: Making['properties'][number][] = []
  for (const [type, own] of wanted.properties) {
    const found = survey.properties.get(type)
    if (isTrouble(own) || !found || isTrouble(found)) {
      const trouble = isTrouble(own) ? own : (found as Trouble)
      items.push(...ownOf(type, false).map((each) => item('PROPERTY', type, each, 'BARRED', trouble)))
      continue
    }
    const lacking = lackingOf(own, found)
    const there = new Set(survey.groups.get(type))
    const needed = [...new Set(lacking.map((each) => each.group))].map((name) => ({
      ...{ type, name, label: OWN_GROUPS[name] },
    }))
    groups.push(...needed.filter(({ name }) => !there.has(name)))
    items.push(
      ...needed.map((each) => item('GROUP', type, each, there.has(each.name) ? 'THERE' : 'TO_MAKE')),
      ...own.map((each) => judged(type, each, found)),
    )
    if (lacking.length > 0) properties.push({ type, properties: lacking })
  }
  const objects = planObjects(wanted, survey)
  items.push(...objects.items)
  const making: Making = { groups, properties, ...objects.making }
  const hash = idFrom('provisioning', ...items.map((each) => `${keyOf(each)} ${each.state} ${each.message}`))
  return { items, making, hash, requests: looks(wanted, survey) + requestsOf(making) }
}

const item = (
  kind: ItemKind,
  type: OwnedType,
  { name, label }: { name: string; label: string },
  state: ItemState,
  trouble?: Trouble,
): Item => ({ kind, type, name, label, state, message: trouble?.message ?? null, fix: trouble?.fix ?? null })

/** A property that is wanted, beside the one of that name that was found. Pure. */
export const judged = (type: OwnedType, wanted: OwnProperty, found: readonly FoundProperty[]): Item => {
  const there = found.find(({ name }) => name === wanted.name)
  if (!there) return item('PROPERTY', type, wanted, 'TO_MAKE')
  const trouble = differs(wanted, there)
  return trouble
    ? item('PROPERTY', type, wanted, 'IN_THE_WAY', trouble)
    : item('PROPERTY', type, wanted, 'THERE')
}

/** What keeps a property that is there from being what the hub needs. Null when nothing does. Pure. */
export const differs = (wanted: OwnProperty, found: FoundProperty): Trouble | null => {
  const { name } = wanted
  if (found.kind !== wanted.type)
    return {
      message: `The portal has ${name} as ${found.kind}; the hub needs ${wanted.type}.`,
      fix: 'Change its type in HubSpot, or archive it there and provision again.',
    }
  if (found.isReadOnly)
    return {
      message: `HubSpot lets nobody write ${name}.`,
      fix: 'Archive it in HubSpot, delete it there for good, and provision again.',
    }
  if (wanted.isUnique && !found.isUnique)
    return {
      message: `In the portal, several records may have the same ${name}; the hub needs it unique.`,
      fix: 'HubSpot cannot change that: delete it there for good, and provision again.',
    }
  const values = new Set(found.options.map(({ value }) => value))
  const without = wanted.options.filter(({ value }) => !values.has(value)).map(({ value }) => value)
  if (wanted.type !== 'enumeration' || without.length === 0) return null
  return {
    message: `${name} lacks the options ${without.join(', ')}.`,
    fix: 'Add them in HubSpot, with these values.',
  }
}

/** What HubSpot numbers companies by. */
const COMPANIES = '0-2'

/** Which of the portal's made-up kinds are own objects. Pure. */
export const heldObjects = <T extends FoundObject>(
  own: readonly OwnObject[],
  found: readonly T[],
): Map<OwnObjectType, T> =>
  new Map(
    own.flatMap(({ type, name }) => {
      const there = found.find((each) => each.name === name)
      return there ? [[type, there] as const] : []
    }),
  )

/** The number of a kind of record, in paths and links; undefined for an own object that is not there. Pure. */
export const typeIdOf = (
  held: ReadonlyMap<OwnObjectType, FoundObject>,
  type: OwnObject['linkedTo'][number],
): string | undefined => (type === 'companies' ? COMPANIES : held.get(type)?.typeId)

type ObjectsMaking = Pick<Making, 'objects' | 'objectProperties' | 'associations'>

const planObjects = (wanted: Wanted, survey: Survey): { items: Item[]; making: ObjectsMaking } => {
  const { objects: found } = survey
  const none = { objects: [], objectProperties: [], associations: [] }
  if (wanted.objectsBarred || isTrouble(found)) {
    const trouble = wanted.objectsBarred ?? (found as Trouble)
    return { items: wanted.objects.map((each) => objectItem(each, 'BARRED', trouble)), making: none }
  }
  const held = heldObjects(wanted.objects, found)
  const plans = wanted.objects.map((own) => {
    const there = held.get(own.type)
    if (there) return completed(own, there, (to) => typeIdOf(held, to))
    if (survey.givenUp?.includes(own.name))
      return { items: [objectItem(own, 'IN_THE_WAY', givenUp(own))], making: none }
    const items = partsOf(own).map((each) => ({ ...each, state: 'TO_MAKE' as const }))
    return { items, making: { ...none, objects: [own] } }
  })
  return {
    items: plans.flatMap(({ items }) => items),
    making: {
      objects: plans.flatMap(({ making }) => making.objects),
      objectProperties: plans.flatMap(({ making }) => making.objectProperties),
      associations: plans.flatMap(({ making }) => making.associations),
    },
  }
}

/** What an own object lacks that is there. */
const completed = (
  own: OwnObject,
  there: FoundObject,
  idOf: (to: OwnObject['linkedTo'][number]) => string | undefined,
): { items: Item[]; making: ObjectsMaking } => {
  const { type } = own
  const lacking = lackingOf(own.properties, there.properties)
  const unlinked = own.linkedTo.filter((to) => !isLinked(there, idOf(to)))
  return {
    items: [
      objectItem(own, 'THERE'),
      ...own.properties.map((each) => judged(type, each, there.properties)),
      ...own.linkedTo.map((to) => linkItem(own, to, unlinked.includes(to) ? 'TO_MAKE' : 'THERE')),
    ],
    making: {
      objects: [],
      objectProperties: lacking.length > 0 ? [{ type, found: there, properties: lacking }] : [],
      associations: unlinked.map((to) => ({ from: type, to })),
    },
  }
}

/** Whether a kind's records can be linked to those of another. Pure. */
export const isLinked = (there: FoundObject | undefined, id: string | undefined): boolean =>
  there !== undefined && id !== undefined && there.linkedTo.includes(id)

const givenUp = ({ name }: OwnObject): Trouble => ({
  message: `HubSpot still keeps the name ${name} for a kind of record that was given up.`,
  fix: 'Restore it in HubSpot or delete it there for good, then provision again.',
})

const objectItem = (own: OwnObject, state: ItemState, trouble?: Trouble): Item =>
  item('OBJECT_TYPE', own.type, { name: own.name, label: own.plural }, state, trouble)
const linkItem = (own: OwnObject, to: string, state: ItemState): Item =>
  item('ASSOCIATION', own.type, { name: to, label: `${own.plural} and ${to}` }, state)

/** Everything that comes with an own object. Pure. */
export const partsOf = (own: OwnObject): Item[] => [
  objectItem(own, 'THERE'),
  ...own.properties.map((each) => item('PROPERTY', own.type, each, 'THERE')),
  ...own.linkedTo.map((to) => linkItem(own, to, 'THERE')),
]

const looks = (wanted: Wanted, survey: Survey): number =>
  [...wanted.properties.values()].filter((own) => !isTrouble(own)).length +
  survey.groups.size +
  (wanted.objectsBarred ? 0 : 1) +
  (survey.givenUp ? 1 : 0)

const requestsOf = (making: Making): number =>
  making.groups.length +
  [...making.properties, ...making.objectProperties].reduce(
    (sum, { properties }) => sum + Math.ceil(properties.length / MOST_AT_ONCE),
    0,
  ) +
  making.objects.length +
  making.associations.length

/** What came of making, by item; the rest stays as it was. Pure. */
export const settle = (items: readonly Item[], outcomes: ReadonlyMap<string, Outcome>): Item[] =>
  items.map((each) => ({ ...each, ...(outcomes.get(keyOf(each)) ?? {}) }))

/** Whether a property is in the portal and not yet in what the hub remembers of it. Pure. */
export const isUnknownTo = (
  { kind, name, state }: Item,
  kept: readonly { name: string; archived_at: Date | null }[],
): boolean =>
  kind === 'PROPERTY' &&
  (state === 'MADE' || state === 'THERE') &&
  !kept.some((row) => row.name === name && row.archived_at === null)

/** What somebody has to know: each item that is not as wanted, and what is barred once per kind of record. Pure. */
export const problemsOf = (items: readonly Item[]): (Trouble & { type: OwnedType; name: string })[] => {
  const told = new Set<string>()
  return items.flatMap((each) => {
    if (each.message === null || each.fix === null) return []
    const { type, message, fix } = each
    if (each.state !== 'BARRED') return [{ type, name: each.name, message, fix }]
    if (told.has(message)) return []
    told.add(message)
    return [{ type, name: type, message, fix }]
  })
}

/** One thing that HubSpot did not make, with its own reason as HubSpot gave it. Pure. */
export const unmade = (refused: { name: string; category: string; message: string | null }): Trouble => {
  const { name, category, message } = refused
  const reason = message ? withoutPersons(message).slice(0, 200) : category
  return {
    message: `HubSpot did not make ${name}: ${reason}`,
    fix:
      category === 'OBJECT_ALREADY_EXISTS'
        ? 'Somebody has made it meanwhile, or it is among what was archived: provision again to have it compared, or restore it in HubSpot.'
        : 'Put right in HubSpot what it names, such as room for more properties, then provision again.',
  }
}

/** HubSpot did not say whether it made something, and cannot be asked now. Pure. */
export const unanswered = (name: string): Trouble => ({
  message: `HubSpot did not answer whether it made ${name}.`,
  fix: 'Provision again in a moment: what was made is found then, and nothing is made twice.',
})
