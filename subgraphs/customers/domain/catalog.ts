/**
 * What a portal's properties are, and what became of them between two readings.
 *
 * property  a thing a portal keeps of each record, as `annualrevenue`
 * option    one of the values that an enumeration may have: a value for programs, a label for people
 */
export interface PropertyOption {
  value: string
  label: string
}

/** A property as the hub last read its definition. */
export interface CatalogProperty {
  name: string
  label: string
  description: string
  /** HubSpot's type: string, number, date, datetime, enumeration, bool … */
  kind: string
  fieldType: string
  group: string
  options: readonly PropertyOption[]
  isReadOnly: boolean
  isCalculated: boolean
  isUnique: boolean
  /** The portal does not show it to its own people. */
  isHidden: boolean
  /** HubSpot's own, not made up by the portal's people. */
  isHubSpotDefined: boolean
  /** The portal marks its values as sensitive. */
  isSensitive: boolean
}

/** The same, with what the hub remembers of it. */
export interface KnownProperty extends CatalogProperty {
  isArchived: boolean
  /** The type it had before, when its type was changed since the hub met it. */
  retypedFrom: string | null
}

export type PropertyChangeKind =
  | 'ADDED'
  | 'ARCHIVED'
  | 'RESTORED'
  | 'RETYPED'
  | 'RELABELLED'
  | 'OPTION_ADDED'
  | 'OPTION_REMOVED'
  | 'OPTION_RENAMED'

/** One thing that became of one property. */
export interface CatalogChange {
  property: string
  label: string
  change: PropertyChangeKind
  was: string | null
  becomes: string | null
}

/** What became of a portal's properties of one kind of record since they were last read. Pure. */
export const compareCatalog = (
  before: ReadonlyMap<string, KnownProperty>,
  now: readonly CatalogProperty[],
): CatalogChange[] => {
  const names = new Set(now.map(({ name }) => name))
  const gone = [...before.values()].filter(({ name, isArchived }) => !isArchived && !names.has(name))
  return [
    ...now.flatMap((property) => changesOf(before.get(property.name), property)),
    ...gone.map(({ name, label }) => told(name, label, 'ARCHIVED', null, null)),
  ]
}

const told = (
  property: string,
  label: string,
  change: PropertyChangeKind,
  was: string | null,
  becomes: string | null,
): CatalogChange => ({ property, label, change, was, becomes })

const changesOf = (before: KnownProperty | undefined, now: CatalogProperty): CatalogChange[] => {
  const { name, label } = now
  if (!before) return [told(name, label, 'ADDED', null, now.kind)]
  return [
    ...(before.isArchived ? [told(name, label, 'RESTORED', null, null)] : []),
    ...(before.kind === now.kind ? [] : [told(name, label, 'RETYPED', before.kind, now.kind)]),
    ...(before.label === label ? [] : [told(name, label, 'RELABELLED', before.label, label)]),
    ...optionChanges(before, now),
  ]
}

const optionChanges = (before: CatalogProperty, now: CatalogProperty): CatalogChange[] => {
  const { name, label } = now
  const was = new Map(before.options.map((option) => [option.value, option.label]))
  const is = new Map(now.options.map((option) => [option.value, option.label]))
  const removed = before.options.filter((option) => !is.has(option.value))
  const added = now.options.filter((option) => !was.has(option.value))
  // HubSpot does not rename an option's value; people take one away and add one with the same label.
  const renamed = removed.flatMap((old) => {
    const twin = added.find((each) => each.label === old.label)
    return twin ? [{ old, twin }] : []
  })
  const paired = new Set(renamed.flatMap(({ old, twin }) => [old, twin]))
  return [
    ...now.options
      .filter((option) => was.has(option.value) && was.get(option.value) !== option.label)
      .map((option) => told(name, label, 'OPTION_RENAMED', was.get(option.value) ?? null, option.label)),
    ...renamed.map(({ old, twin }) => told(name, label, 'OPTION_RENAMED', old.value, twin.value)),
    ...removed
      .filter((option) => !paired.has(option))
      .map((option) => told(name, label, 'OPTION_REMOVED', option.value, null)),
    ...added
      .filter((option) => !paired.has(option))
      .map((option) => told(name, label, 'OPTION_ADDED', null, option.value)),
  ]
}

/**
 * A portal's properties of one kind of record after a reading: what is no longer named is archived, and remembered. Pure.
 * A property that goes back to its former type counts as never retyped.
 */
export const mergeCatalog = (
  before: ReadonlyMap<string, KnownProperty>,
  now: readonly CatalogProperty[],
): Map<string, KnownProperty> => {
  const merged = new Map([...before].map(([name, each]) => [name, { ...each, isArchived: true }]))
  for (const property of now) {
    const was = before.get(property.name)
    const changed = was !== undefined && was.kind !== property.kind
    const former = changed ? (was.retypedFrom ?? was.kind) : (was?.retypedFrom ?? null)
    const retypedFrom = former === property.kind ? null : former
    merged.set(property.name, { ...property, isArchived: false, retypedFrom })
  }
  return merged
}

/** Words in the names of properties whose values mostly are about a person. */
const PERSONAL =
  /(^|_)(e?mail|emails|phone|mobile|mobilephone|fax|firstname|lastname|first_name|last_name|birth|birthday|date_of_birth|address|street|zip|ip|salutation|gender|ssn|iban|twitter|linkedin)(_|$)/

/** Whether a property's values are to be treated as personal data: the portal says so, or it looks so. */
export const isPersonal = (
  type: string,
  property: Pick<CatalogProperty, 'name' | 'fieldType' | 'isSensitive'>,
): boolean =>
  property.isSensitive ||
  property.fieldType === 'phonenumber' ||
  (type === 'contacts' && PERSONAL.test(property.name))
